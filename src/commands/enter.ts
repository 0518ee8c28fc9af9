/** `enter`: into an instance that was found, or the dry run of that. */

import { renderProgram } from "../../syscalls/render.ts";
import { checkDescriptors } from "../launch/check-descriptors.ts";
import {
  enterInstance,
  planEnteringInstance,
} from "../launch/enter-instance.ts";
import type { FoundInstance } from "../launch/probe-instances.ts";
import type { Handover } from "../launch/read-handover.ts";
import { planStarter } from "../plan/starter/starter-executable.ts";
import type { Invocation } from "./invocation.ts";

/** Returns only what a dry run prints. */
export function enterNamed(
  { request, dryRun }: Extract<Invocation, { kind: "enter" }>,
  found: FoundInstance,
  handover: Handover,
): string {
  checkDescriptors({ ...request, mounts: [] }, handover);
  if (!dryRun) enterInstance(request, found, handover);
  const { launch } = planEnteringInstance(request, found, handover);
  const starter = renderProgram(planStarter(launch.starter));
  return `${renderProgram(launch.program)}\n# The starter, a program of its own:\n${starter}`;
}

/** `enter`: into an instance that was found, or the dry run of that. */

import { checkDescriptors } from "../launch/check-descriptors.ts";
import {
  enterInstance,
  planEnteringInstance,
} from "../launch/enter-instance.ts";
import type { FoundInstance } from "../launch/probe-instances.ts";
import type { Handover } from "../launch/read-handover.ts";
import type { Invocation } from "./invocation.ts";
import { NOTHING_DONE, renderLaunch } from "./render-dry-run.ts";

/** Returns only what a dry run prints. */
export function enterNamed(
  { request, dryRun }: Extract<Invocation, { kind: "enter" }>,
  found: FoundInstance,
  handover: Handover,
): string {
  checkDescriptors({ ...request, mounts: [] }, handover);
  if (dryRun === null) enterInstance(request, found, handover);
  const { launch, facts } = planEnteringInstance(request, found, handover);
  const { uid, gid } = facts.caller;
  return renderLaunch(dryRun, launch, {
    title: `One more process in instance ${found.pid}:`,
    command: request.command,
    mode: facts.mode,
    who: `uid ${uid}, gid ${gid}`,
    notes: NOTHING_DONE,
    frame: null,
  });
}

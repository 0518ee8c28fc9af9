/** `--dry-run`: the Program that would be played, as text. */

import { renderProgram } from "../../syscalls/render.ts";
import type { Facts } from "../plan/facts.ts";
import { planInstance } from "../plan/plan-instance.ts";
import { planStarter } from "../plan/starter/starter-executable.ts";
import type { Request } from "../plan/request.ts";

export function renderDryRun(request: Request, facts: Facts): string {
  const { program, starter } = planInstance(request, facts);
  const instance = renderProgram(program);
  return `${instance}\n# The starter, a program of its own at pid 1:\n${renderProgram(planStarter(starter))}`;
}

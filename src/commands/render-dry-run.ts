/** `--dry-run`: the Program that would be played, as text. */

import { renderProgram } from "../../syscalls/render.ts";
import type { Facts } from "../plan/facts.ts";
import { planInstance } from "../plan/plan-instance.ts";
import type { Request } from "../plan/request.ts";

export function renderDryRun(request: Request, facts: Facts): string {
  const { program, init } = planInstance(request, facts);
  const instance = renderProgram(program);
  if (init === null) return instance;
  return `${instance}\n# The init, a program of its own at pid 1:\n${renderProgram(init)}`;
}

/** A launch for people and programs to read: nothing is started. */

import { renderProgram } from "../../syscalls/render.ts";
import type { Facts } from "../plan/facts.ts";
import { planInstance } from "../plan/plan-instance.ts";
import type { Request } from "../plan/request.ts";

export function renderPlan(
  request: Request,
  facts: Facts,
): {
  readonly text: string;
  readonly steps: readonly {
    readonly operation: string;
    readonly purpose: string;
  }[];
} {
  // Variables are those of each launch.
  const { program } = planInstance({ ...request, environment: [] }, facts);
  const steps = program.steps.map(({ operation, part }) => ({
    operation,
    purpose: part.action,
  }));
  return { text: renderProgram(program), steps };
}

/** The starter's own end of the pipe: writing rows. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { store } from "../../../syscalls/control.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Label, Operand } from "../../../syscalls/program.ts";
import type { ExecutionOutcome } from "../plan-execution.ts";
import { STARTER_KIND, STARTER_RECORD } from "./record.ts";

/** Writes one row; a reader that is gone has ended this instance anyway. */
export function planReport(
  p: ProgramBuilder,
  report: number,
  values: readonly Operand[],
  failure: Label | "continue" = "continue",
): void {
  const row = p.buffer("report", STARTER_RECORD.size);
  values.forEach((value, index) =>
    store(p, 8, [addressOf(row), 8 * index], value),
  );
  p.call("write", [report, row, STARTER_RECORD.size], { failure });
}

/** Reports that nothing was executed, and why. */
export function planRefusal(
  p: ProgramBuilder,
  report: number,
  outcome: ExecutionOutcome,
): void {
  planReport(p, report, [
    STARTER_KIND.refused,
    outcome.executed,
    outcome.notProgram,
    outcome.interpreterMissing,
  ]);
}

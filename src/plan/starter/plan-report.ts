/** The starter's own end of the pipe: writing rows. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { named } from "../../../syscalls/calls/operands.ts";
import { exitProcess } from "../../../syscalls/calls/processes.ts";
import { F, FD } from "../../../syscalls/constants/open.table.ts";
import { compute, jump, load, store } from "../../../syscalls/control.ts";
import { STATE_ADDRESS } from "../../../syscalls/elf-writer.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../../syscalls/program.ts";
import { STATE } from "../../../syscalls/record.ts";
import type { ExecutionOutcome } from "../plan-execution.ts";
import { STARTER_KIND, STARTER_RECORD } from "./record.ts";

/** Writes one row; a reader that is gone has ended this instance anyway. */
export function planReport(
  p: ProgramBuilder,
  report: Slot,
  values: readonly Operand[],
  failure: Label | "continue" = "continue",
): void {
  const row = p.buffer("report", STARTER_RECORD.size);
  values.forEach((value, index) =>
    store(p, 8, [addressOf(row), 8 * index], value),
  );
  p.call("write", [report, row, STARTER_RECORD.size], { failure });
}

/** Reports which step has failed. Placed behind the first step, `first`, where faults go. */
export function planBrokenStep(
  p: ProgramBuilder,
  report: Slot,
  first: Label,
): void {
  const [step, result] = [p.slot("failed step"), p.slot("its result")];
  const state = shown(STATE_ADDRESS, "&state");
  load(p, step, 8, [state, STATE.faultRecord]);
  compute(p, step, [step, "-", first]);
  load(p, result, 8, [state, STATE.faultResult]);
  planReport(p, report, [STARTER_KIND.failed, step, result]);
}

/** Reports that nothing was executed, and why. */
export function planRefusal(
  p: ProgramBuilder,
  report: Slot,
  outcome: ExecutionOutcome,
): void {
  planReport(p, report, [
    STARTER_KIND.refused,
    outcome.executed,
    outcome.notProgram,
    outcome.interpreterMissing,
  ]);
}

/**
 * The command shall not inherit the pipe. A starter that has none was itself
 * the command (/proc/self/exe leads to it): it says so and ends.
 */
export function planPipe(p: ProgramBuilder, report: Slot): void {
  const [unmarked, alone, end, marked] = [
    p.label("pipe is not marked"),
    p.label("no pipe"),
    p.label("no command"),
    p.label("pipe is marked"),
  ];
  const result = p.slot("marked");
  const close = [report, named("F", F, "SETFD"), named("FD", FD, "CLOEXEC")];
  p.call("fcntl", close, { result, failure: unmarked });
  jump(p, marked);
  p.place(unmarked);
  planReport(p, report, [STARTER_KIND.refused, result], alone);
  jump(p, end);
  p.place(alone);
  const message = "selfdock: Cannot execute the starter: it is no command\n";
  p.call("write", [2, p.text(message), message.length], { failure: end });
  p.place(end);
  exitProcess(p, 124);
  p.place(marked);
}

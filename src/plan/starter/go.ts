/**
 * The word that the command may begin. The terminal is given to its group when
 * the launcher is in that group too: it is held until pid 1 executes something,
 * so the starter is executed and waits. The word is a signal that nobody sends,
 * the C library's own, which stays blocked until then.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { NULL } from "../../../syscalls/calls/operands.ts";
import { SIGNAL_SET_SIZE } from "../../../syscalls/calls/processes.ts";
import { tolerate } from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { shown } from "../../../syscalls/program.ts";

const NUMBER = 32;

/** As an operand. */
export const GO = shown(NUMBER, "go");

/** As a member of a signal set. */
export const GO_MASK = 1n << BigInt(NUMBER - 1);

/** The starter waits for the word. */
export function planGo(p: ProgramBuilder): void {
  const set = new Uint8Array(SIGNAL_SET_SIZE);
  new DataView(set.buffer).setBigUint64(0, GO_MASK, true);
  const only = p.constant("{go}", set);
  const [retry, result] = [p.label("wait for the word"), p.slot("word")];
  p.place(retry);
  tolerate(p, { result, errnos: [ERRNO.EINTR], then: retry }, (options) =>
    p.call("rt_sigtimedwait", [only, NULL, NULL, SIGNAL_SET_SIZE], options),
  );
}

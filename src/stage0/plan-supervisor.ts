/**
 * The supervisor: what the launcher becomes once the target runs. It forwards
 * signals and ends as the target ended.
 *
 * Security model: it starts by giving up every id but the caller's, whoever
 * asked for it, and holds nothing but descriptors 0 to 2.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { closeFrom } from "../../syscalls/calls/files.ts";
import {
  setAllUsers,
  setNoNewPrivileges,
} from "../../syscalls/calls/identity.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";
import { compute, load, loop, jumpIf, set } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { handoverAddress, SUPERVISE_VARIABLE } from "./handover.ts";
import { planSupervision } from "./plan-supervision.ts";
import type { Vectors } from "./plan-vectors.ts";

/** Hexadecimal digits of a process id in the launcher's word. */
const DIGITS = 8;

export function planSupervisor(
  p: ProgramBuilder,
  { entry, vectors }: { entry: Label; vectors: Vectors },
): void {
  const instance = p.slot("instance");
  p.part("become the supervisor", () => {
    p.place(entry);
    const real = p.slot("real uid");
    load(p, real, 4, [shown(handoverAddress("uid"), "&handover.uid"), 0]);
    setAllUsers(p, real);
    setNoNewPrivileges(p);
    const word = p.slot("launcher's word");
    load(p, word, 8, [vectors.environment, 0]);
    compute(p, word, [word, "+", SUPERVISE_VARIABLE.length]);
    planNumber(p, word, instance);
    compute(p, word, [word, "+", DIGITS]);
    p.call("prctl", [named("PR", PR, "SET_NAME"), word, 0, 0, 0]);
    closeFrom(p, 3);
  });
  planSupervision(p, instance);
}

/** Reads the digits at `text`. */
function planNumber(p: ProgramBuilder, text: Slot, to: Slot): void {
  const [at, digit] = [p.slot("digit index"), p.slot("digit")];
  set(p, at, 0);
  set(p, to, 0);
  loop(p, "digits", (leave) => {
    load(p, digit, 1, [text, at]);
    compute(p, digit, [digit, "-", shown(0x30, "'0'")]);
    const decimal = p.label("decimal");
    jumpIf(p, [digit, "below", 10], decimal);
    compute(p, digit, [digit, "-", shown(0x27, "'a' - '0' - 10")]);
    p.place(decimal);
    compute(p, to, [to, "<<", 4]);
    compute(p, to, [to, "|", digit]);
    compute(p, at, [at, "+", 1]);
    jumpIf(p, [at, "==", DIGITS], leave);
  });
}

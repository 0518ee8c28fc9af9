/**
 * The supervisor: what the launcher becomes once the target runs. It forwards
 * signals, minds the terminal, and ends as the target ended.
 *
 * Security model: it starts by giving up every id but the caller's, whoever
 * asked for it, and holds nothing but descriptors 0 to 2.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { closeRange } from "../../syscalls/calls/files.ts";
import {
  setAllUsers,
  setNoNewPrivileges,
} from "../../syscalls/calls/identity.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { LAST_DESCRIPTOR } from "../../syscalls/constants/open.table.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";
import { compute, load, when } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { handoverAddress } from "./handover.ts";
import { planHexadecimal } from "./plan-digit.ts";
import { planSupervision } from "./plan-supervision.ts";
import type { Vectors } from "./plan-vectors.ts";
import { NO_REPORTS, SUPERVISE_VARIABLE, WORD } from "./supervise-word.ts";

const LAST = shown(LAST_DESCRIPTOR, "~0");
const ZERO = shown(0x30, "'0'");

export function planSupervisor(
  p: ProgramBuilder,
  { entry, vectors }: { entry: Label; vectors: Vectors },
): void {
  const child = p.slot("instance's pid 1");
  const group = p.slot("process group");
  const reports = p.slot("init's reports");
  p.part("become the supervisor", () => {
    p.place(entry);
    const real = p.slot("real uid");
    load(p, real, 4, [shown(handoverAddress("uid"), "&handover.uid"), 0]);
    setAllUsers(p, real);
    setNoNewPrivileges(p);
    const word = p.slot("launcher's word");
    load(p, word, 8, [vectors.environment, 0]);
    compute(p, word, [word, "+", SUPERVISE_VARIABLE.length]);
    const number = p.slot("number in the word");
    for (const [offset, to] of [
      [WORD.child, child],
      [WORD.reports, reports],
    ] as const) {
      compute(p, number, [word, "+", offset]);
      planHexadecimal(p, [number, WORD.digits], to);
    }
    load(p, group, 1, [word, WORD.group]);
    compute(p, group, [group, "-", ZERO]);
    compute(p, word, [word, "+", WORD.name]);
    p.call("prctl", [named("PR", PR, "SET_NAME"), word, 0, 0, 0]);
    planDescriptors(p, reports);
  });
  planSupervision(p, { child, group, reports });
}

/** Closes everything but descriptors 0 to 2 and the init's reports. */
function planDescriptors(p: ProgramBuilder, reports: Slot): void {
  const before = p.slot("last before the reports");
  const behind = p.slot("first behind the reports");
  when(
    p,
    [reports, "==", shown(NO_REPORTS, "no reports")],
    () => closeRange(p, [3, LAST]),
    () => {
      compute(p, before, [reports, "-", 1]);
      compute(p, behind, [reports, "+", 1]);
      when(p, [3, "below", reports], () => closeRange(p, [3, before]));
      closeRange(p, [behind, LAST]);
    },
  );
}

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
  setDumpable,
  setNoNewPrivileges,
} from "../../syscalls/calls/identity.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { LAST_DESCRIPTOR } from "../../syscalls/constants/open.table.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";
import { compute, jump, load, set, when } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import type { Embedded } from "../../syscalls/standalone.ts";
import {
  handedOver,
  handoverAddress,
  MEMORY_ADDRESS,
  STAGE0_ADDRESS,
  STATE_ADDRESS,
} from "./handover.ts";
import { ORDER_ADDRESS } from "./order-table.ts";
import { planHexadecimal } from "./plan-digit.ts";
import { EXECUTION, planExecution } from "./plan-supervisor-execution.ts";
import { planSupervision } from "./plan-supervision.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { Vectors } from "./plan-vectors.ts";
import { NO_REPORTS, SUPERVISE_VARIABLE, WORD } from "./supervise-word.ts";

const LAST = shown(LAST_DESCRIPTOR, "~0");
const PAGE = 4096;
const ZERO = shown(0x30, "'0'");

/**
 * Two ways lead here: the launcher's word, at `told` (null: nobody gives it), and
 * a ready-made launch, at `running`.
 */
export function planSupervisor(
  p: ProgramBuilder,
  {
    told,
    running,
    vectors,
    instance,
    embedded,
  }: {
    told: Label | null;
    running: Label;
    vectors: Vectors;
    instance: RunningInstance;
    embedded: Embedded;
  },
): void {
  const known = p.label("instance is known");
  const byBun = p.slot("Bun plays");
  p.part("become the supervisor", () => {
    if (told !== null) {
      p.place(told);
      planConfinement(p);
      planWord(p, vectors, instance);
      jump(p, known);
    }
    p.place(running);
    planConfinement(p);
    if (told !== null) {
      load(p, byBun, 8, [handedOver("byBun"), 0]);
      when(p, [byBun, "!=", 0], () =>
        p.part(EXECUTION, () => planExecution(p, vectors, instance)),
      );
    }
    // As a program that is executed now; a set-user-id start is not traceable.
    setDumpable(p, true, { failure: "continue" });
    set(p, instance.first, 1);
    p.place(known);
    planDescriptors(p, instance.reports);
    planMemory(p, known, embedded);
  });
  planSupervision(p, instance);
}

function planConfinement(p: ProgramBuilder): void {
  const real = p.slot("real uid");
  load(p, real, 4, [shown(handoverAddress("uid"), "&handover.uid"), 0]);
  setAllUsers(p, real);
  setNoNewPrivileges(p);
}

/** Gives back what only launches need: an instance that is idle for days should cost little. */
function planMemory(
  p: ProgramBuilder,
  own: Label,
  { memoryEnd }: Embedded,
): void {
  const size = p.slot("size of what others need");
  const behindPlayer = STAGE0_ADDRESS + PAGE;
  compute(p, size, [own, "&", shown(-PAGE, "~0xfff")]);
  compute(p, size, [size, "-", behindPlayer]);
  p.call("munmap", [shown(behindPlayer, "behind the player"), size]);
  p.call("munmap", [
    shown(MEMORY_ADDRESS + PAGE, "handover's descriptors and directory"),
    STATE_ADDRESS - MEMORY_ADDRESS - PAGE,
  ]);
  p.call("munmap", [
    shown(ORDER_ADDRESS, "order table and state of the ready-made launch"),
    Math.ceil((memoryEnd - ORDER_ADDRESS) / PAGE) * PAGE,
  ]);
}

/** Reads the launcher's word, and takes the name in it. */
function planWord(
  p: ProgramBuilder,
  vectors: Vectors,
  { child, group, reports, first }: RunningInstance,
): void {
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
  for (const [offset, to] of [
    [WORD.group, group],
    [WORD.first, first],
  ] as const) {
    load(p, to, 1, [word, offset]);
    compute(p, to, [to, "-", ZERO]);
  }
  compute(p, word, [word, "+", WORD.name]);
  p.call("prctl", [named("PR", PR, "SET_NAME"), word, 0, 0, 0]);
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

/** `--keep-fd N`: the list of what is kept, and which numbers are left for our own. */

import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import { DESCRIPTORS } from "./handover.ts";
import { MOST, ORDER_ROOM } from "./order-room.ts";
import { ordered } from "./order-table.ts";
import { planDecimalDigit } from "./plan-digit.ts";
import type { Line, OptionPlan } from "./plan-line.ts";

/** Standard input, output and error are below. */
const FIRST = 3;
const DIGITS = 4;

export function planDescriptorList(line: Line): {
  readonly options: readonly OptionPlan[];
  /** When all are known. */
  finish(): void;
} {
  const { p, no } = line;
  const [end, last] = [
    p.slot("end of what is kept"),
    p.slot("last that is kept"),
  ];
  set(p, end, ORDER_ROOM.kept);
  const keep = () => {
    const full = ORDER_ROOM.kept.value as number;
    jumpIf(p, [end, "==", full + 8 * MOST.kept], no);
    const number = planNumber(line);
    // Anything but an ascending row is Bun's to sort.
    const ascends = p.label("ascends");
    jumpIf(p, [last, "below", number], ascends);
    jump(p, no);
    p.place(ascends);
    set(p, last, number);
    store(p, 8, [end, 0], number);
    compute(p, end, [end, "+", 8]);
  };
  const finish = () => {
    store(p, 8, [ordered("keptEnd"), 0], end);
    const [report, executable] = [p.slot("report"), p.slot("executable")];
    set(p, report, FIRST);
    planFirstOther(line, report, end);
    compute(p, executable, [report, "+", 1]);
    planFirstOther(line, executable, end);
    store(p, 8, [ordered("report"), 0], report);
    store(p, 8, [ordered("executable"), 0], executable);
  };
  const options = [{ names: ["--keep-fd"], once: false, plan: keep }];
  return { options, finish };
}

/** The number becomes the first from it on that is not kept: the list ascends. */
function planFirstOther({ p }: Line, number: Slot, end: Slot): void {
  const [at, kept] = [p.slot("at"), p.slot("kept")];
  set(p, at, ORDER_ROOM.kept);
  loop(p, "what is kept", (leave, again) => {
    jumpIf(p, [at, "==", end], leave);
    load(p, kept, 8, [at, 0]);
    compute(p, at, [at, "+", 8]);
    jumpIf(p, [kept, "!=", number], again);
    compute(p, number, [number, "+", 1]);
  });
}

/** A decimal number from 3 to 1023, without leading zeros. */
function planNumber({ p, words, no }: Line): Slot {
  const [number, at, digit] = [p.slot("number"), p.slot("at"), p.slot("digit")];
  const eight = p.slot("eightfold");
  words.nextValue();
  jumpIf(p, [words.first, "==", shown(0x30, "'0'")], no);
  set(p, number, 0);
  set(p, at, 0);
  loop(p, "digits", (leave) => {
    load(p, digit, 1, [words.address, at]);
    jumpIf(p, [digit, "==", 0], leave);
    planDecimalDigit(p, [digit, no], digit);
    jumpIf(p, [at, "==", DIGITS], no);
    compute(p, eight, [number, "<<", 3]);
    compute(p, number, [number, "+", number]);
    compute(p, number, [number, "+", eight]);
    compute(p, number, [number, "+", digit]);
    compute(p, at, [at, "+", 1]);
  });
  const [low, fine] = [p.label("too low"), p.label("in range")];
  jumpIf(p, [number, "below", FIRST], low);
  jumpIf(p, [number, "below", DESCRIPTORS], fine);
  p.place(low);
  jump(p, no);
  p.place(fine);
  return number;
}

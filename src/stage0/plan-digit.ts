/** Reading numbers written as text. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";

const ZERO = shown(0x30, "'0'");

/** What the decimal digit `byte` says; goes to `other` if it is none. */
export function planDecimalDigit(
  p: ProgramBuilder,
  [byte, other]: readonly [Slot, Label],
  to: Slot,
): void {
  const decimal = p.label("decimal");
  compute(p, to, [byte, "-", ZERO]);
  jumpIf(p, [to, "below", 10], decimal);
  jump(p, other);
  p.place(decimal);
}

/** The number that `count` hexadecimal digits (lower case) at `text` say. */
export function planHexadecimal(
  p: ProgramBuilder,
  [text, count]: readonly [Slot, Operand],
  to: Slot,
): void {
  const [at, digit] = [p.slot("digit index"), p.slot("digit")];
  set(p, at, 0);
  set(p, to, 0);
  loop(p, "digits", (leave) => {
    jumpIf(p, [at, "==", count], leave);
    load(p, digit, 1, [text, at]);
    const decimal = p.label("decimal");
    compute(p, digit, [digit, "-", ZERO]);
    jumpIf(p, [digit, "below", 10], decimal);
    compute(p, digit, [digit, "-", shown(0x27, "'a' - '0' - 10")]);
    p.place(decimal);
    compute(p, to, [to, "<<", 4]);
    compute(p, to, [to, "|", digit]);
    compute(p, at, [at, "+", 1]);
  });
}

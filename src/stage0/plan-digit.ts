/** Reading numbers written as text. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { compute, jumpIf } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";

/** The value of a hexadecimal digit (lower case), in place. */
export function planHexadecimalDigit(p: ProgramBuilder, digit: Slot): void {
  const decimal = p.label("decimal");
  compute(p, digit, [digit, "-", shown(0x30, "'0'")]);
  jumpIf(p, [digit, "below", 10], decimal);
  compute(p, digit, [digit, "-", shown(0x27, "'a' - '0' - 10")]);
  p.place(decimal);
}

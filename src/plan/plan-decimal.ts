/** Writing numbers as text. The player does not divide: each digit is counted. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  store,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Slot } from "../../syscalls/program.ts";

/** As many as a number of 32 bits takes. */
export const DIGITS = 10;

const ZERO = shown(0x30, "'0'");

/** A number below 2^32 as text. */
export interface Decimal {
  /** All the digits, with zeros in front, and a NUL behind. */
  readonly digits: Data;
  /** The address of the first digit that counts: where a leading zero would mean octal. */
  readonly text: Slot;
}

export function planDecimal(p: ProgramBuilder, value: Slot): Decimal {
  const digits = p.buffer(`digits of the ${value.name}`, DIGITS + 1);
  const text = p.slot(`text of the ${value.name}`);
  const [rest, at] = [p.slot("what is left"), p.slot("digit's index")];
  const [row, power] = [p.slot("power's offset"), p.slot("power of ten")];
  const digit = p.slot("digit");
  const powers = p.constant("{10^9, ..., 1}", powersOfTen());
  set(p, rest, value);
  set(p, at, 0);
  loop(p, "digits", (leave) => {
    jumpIf(p, [at, "==", DIGITS], leave);
    compute(p, row, [at, "<<", 3]);
    load(p, power, 8, [powers, row]);
    set(p, digit, ZERO);
    loop(p, "count", (counted) => {
      jumpIf(p, [rest, "below", power], counted);
      compute(p, rest, [rest, "-", power]);
      compute(p, digit, [digit, "+", 1]);
    });
    store(p, 1, [addressOf(digits), at], digit);
    compute(p, at, [at, "+", 1]);
  });
  set(p, text, addressOf(digits));
  loop(p, "leading zeros", (leave) => {
    load(p, digit, 1, [text, 0]);
    jumpIf(p, [digit, "!=", ZERO], leave);
    jumpIf(p, [text, "==", addressOf(digits, DIGITS - 1)], leave);
    compute(p, text, [text, "+", 1]);
  });
  return { digits, text };
}

function powersOfTen(): Uint8Array {
  const bytes = new Uint8Array(8 * DIGITS);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < DIGITS; index++)
    view.setBigUint64(8 * index, 10n ** BigInt(DIGITS - 1 - index), true);
  return bytes;
}

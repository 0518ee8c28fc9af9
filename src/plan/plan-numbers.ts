/** A table of numbers that a Program fills and searches. */

import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  store,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";

/** Of eight bytes each: where they are, and how many bytes. */
export interface Numbers {
  readonly list: Data;
  readonly end: Slot;
}

/** An empty table with room for so many. */
export function planNumbers(
  { p }: Instance,
  name: string,
  most: number,
): Numbers {
  const end = p.slot(`end of the ${name}`);
  set(p, end, 0);
  return { list: p.buffer(name, 8 * most), end };
}

/** Adds one; fails if the table is full. */
export function planAppend(
  { p }: Instance,
  { list, end }: Numbers,
  number: Slot,
): void {
  const [fine, at] = [p.label("in bounds"), p.slot("address of the end")];
  jumpIf(p, [end, "below", list.size], fine);
  p.fail(ERRNO.E2BIG, "too many mounts");
  p.place(fine);
  compute(p, at, [addressOf(list), "+", end]);
  store(p, 8, [at, 0], number);
  compute(p, end, [end, "+", 8]);
}

/** Goes on at `found` if the number is one of them. */
export function planSearch(
  { p }: Instance,
  { list, end }: Numbers,
  [number, found]: readonly [Slot, Label],
): void {
  const [at, each] = [p.slot("offset"), p.slot("each")];
  set(p, at, 0);
  loop(p, "numbers", (leave) => {
    jumpIf(p, [at, "==", end], leave);
    load(p, each, 8, [addressOf(list), at]);
    jumpIf(p, [each, "==", number], found);
    compute(p, at, [at, "+", 8]);
  });
}

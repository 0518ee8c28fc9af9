/** Numbers as the kernel reads them from options and id maps. */

import { expect, test } from "bun:test";
import { planDecimal } from "../../../src/plan/plan-decimal.ts";
import { set } from "../../../syscalls/control.ts";
import { playParts } from "../syscalls/play.ts";

test.each([0, 1, 9, 10, 1000, 65_534, 4_000_000_000, 2 ** 32 - 1])(
  "%d is written in ten digits, of which the first that counts is known",
  (number) => {
    const { made, slots, buffers } = playParts((p) => {
      const value = p.slot("value");
      set(p, value, number);
      const start = p.slot("start");
      const decimal = planDecimal(p, value);
      set(p, start, decimal.digits);
      return { ...decimal, start };
    });
    const text = Buffer.from(buffers.get(made.digits)!).toString("latin1");
    expect(text).toBe(`${String(number).padStart(10, "0")}\0`);
    const skipped = Number(slots.get(made.text)! - slots.get(made.start)!);
    expect(text.slice(skipped, -1)).toBe(String(number));
  },
);

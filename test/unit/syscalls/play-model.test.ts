/** The real player does what the model says, whatever the Program. */

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { renderProgram } from "../../../syscalls/render.ts";
import { countsFor } from "./counts.ts";
import { harmlessKernel } from "./harmless-calls.ts";
import { interpret } from "./model.ts";
import { play } from "./play.ts";
import { randomPrograms } from "./random-programs.ts";
import type { RandomProgram } from "./random-programs.ts";

/** What must be equal: the value, the fault, and all slots and buffers without addresses. */
function compare({ program, values, buffers }: RandomProgram): void {
  const [real, model] = [play(program), interpret(program, harmlessKernel)];
  const slots = (of: typeof real | typeof model) =>
    values.map((slot) => `${slot.name} = ${of.slots.get(slot)}`);
  expect(real.value).toBe(Number(model.value));
  expect(real.fault?.step).toBe(model.fault?.step);
  expect(real.fault?.errno).toBe(model.fault?.errno);
  expect(slots(real)).toEqual(slots(model));
  for (const buffer of buffers)
    expect(real.buffers.get(buffer)).toEqual(model.buffers.get(buffer));
}

test("random Programs leave in the player what they leave in the model", () => {
  fc.assert(fc.property(randomPrograms, compare), countsFor(1));
});

test("random Programs reach every operation, policy and ending", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(randomPrograms, ({ program }) => {
      const { fault, value } = play(program);
      seen.add(fault === null ? "no fault" : "a fault");
      seen.add(value === 1 ? "to the end" : "stopped");
      for (const { operation, failure, isCall } of program.steps) {
        seen.add(operation);
        if (isCall) seen.add(typeof failure === "string" ? failure : "goes on");
      }
    }),
    { seed: 1, numRuns: 300 },
  );
  const words =
    "set add subtract and or shiftLeft shiftRight load1 load2 load4 load8 store1 store4 store8 copy find jumpEqual jumpNotEqual jumpLess jumpBelow jump fail stop";
  const others = ["fault", "continue", "goes on"];
  const endings = ["a fault", "no fault", "to the end", "stopped"];
  for (const word of [...words.split(" "), ...others, ...endings])
    expect(seen).toContain(word);
});

test("a random Program prints", () => {
  fc.assert(
    fc.property(randomPrograms, ({ program }) => {
      const text = renderProgram(program);
      expect(text).toMatch(/^# a random Program\n/);
      expect(text).not.toMatch(/undefined|\[object|NaN/);
      expect(text).toMatch(/^[\n -~]*\n$/);
    }),
    countsFor(5),
  );
});

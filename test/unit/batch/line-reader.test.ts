/** The lines of an input, however it comes. */

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LineReader } from "../../../src/launch/batch/line-reader.ts";
import { Tally } from "../../../src/plan/batch/tally.ts";

const NEWLINE = 0x0a;

function linesOf(chunks: readonly string[]): readonly (string | null)[] {
  const reader = new LineReader(NEWLINE);
  const lines: (string | null)[] = [];
  for (const chunk of [...chunks, ""]) {
    reader.push(Buffer.from(chunk, "latin1"));
    for (let line = reader.take(); line !== null; line = reader.take()) {
      lines.push(line.text);
      expect(line.number).toBe(lines.length);
    }
  }
  return lines;
}

test("a last line needs no end", () => {
  expect(linesOf(["a\nb"])).toEqual(["a", "b"] as never);
  expect(linesOf(["a\nb\n"])).toEqual(["a", "b"] as never);
  expect(linesOf(["\n"])).toEqual([""] as never);
  expect(linesOf([])).toEqual([]);
});

test("lines are the same wherever the input is cut", () => {
  const text = fc.stringMatching(/^[a\n\xff]{0,60}$/);
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
      const at = [0, ...cuts.toSorted((x, y) => x - y), whole.length];
      const chunks = at
        .slice(1)
        .map((end, index) => whole.slice(at[index], end));
      const pieces = chunks.filter((chunk) => chunk !== "");
      expect(linesOf(pieces)).toEqual(linesOf(whole === "" ? [] : [whole]));
    }),
  );
});

test("a line that is too long is told as such, and costs no memory", () => {
  const part = "x".repeat(2 ** 20);
  const lines = linesOf(["a\n", ...Array<string>(64).fill(part), "\nb\n"]);
  expect(lines).toEqual(["a", null, "b"] as never);
});

test("quantiles are within 2 % of the times", () => {
  const tally = new Tally();
  expect(tally.quantile(0.5)).toBeNull();
  for (let time = 1; time <= 1000; time++) tally.add(time % 10 === 0, time);
  tally.add(true, null);
  expect([tally.count, tally.failures]).toEqual([1001, 101]);
  for (const [share, time] of [
    [0.5, 500],
    [0.99, 990],
    [1, 1000],
  ] as const) {
    expect(tally.quantile(share)!).toBeGreaterThanOrEqual(time * 0.999);
    expect(tally.quantile(share)!).toBeLessThan(time * 1.021);
  }
});

/** Where data and buffers of a Program go in memory. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { layOut, stateOffset } from "../../../syscalls/encode.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Data } from "../../../syscalls/program.ts";
import { RECORD, STATE } from "../../../syscalls/record.ts";
import { countsFor } from "./counts.ts";
import { BASES, build, encoded } from "./encoded.ts";

describe("the layout", () => {
  const pieces = fc.array(
    fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 40 })),
    { maxLength: 12 },
  );

  test("puts every piece of data apart, aligned, within its area, and its bytes there", () => {
    fc.assert(
      fc.property(pieces, fc.nat({ max: 5 }), (contents, slots) => {
        const { program, made } = build((p) => {
          for (let i = 0; i < slots; i++) p.slot(`s${i}`);
          return contents.map(([writable, bytes], i) =>
            writable ? p.buffer(`${i}`, bytes) : p.constant(`${i}`, bytes),
          );
        });
        const { layout, constant, state } = encoded(program);
        const ends = new Map([
          [constant, program.steps.length * RECORD.size],
          [state, STATE.size + 8 * program.slots.length],
        ]);
        const index = (data: Data) => made.indexOf(data);
        const inOrder = [...layout.constants, ...layout.buffers]
          .toSorted(([, a], [, b]) => a - b)
          .map(([data]) => data);
        expect(inOrder).toHaveLength(made.length);
        inOrder.forEach((data) => {
          const area = data.writable ? state : constant;
          const at = (data.writable ? layout.buffers : layout.constants).get(
            data,
          )!;
          expect(at % 16).toBe(0);
          expect(at).toBeGreaterThanOrEqual(ends.get(area)!);
          expect(area.subarray(at, at + data.size)).toEqual(
            contents[index(data)]![1],
          );
          ends.set(area, at + data.size);
        });
        for (const [area, end] of ends)
          expect(end).toBeLessThanOrEqual(area.length);
      }),
      countsFor(2),
    );
  });

  test("puts buffers that begin as zeros behind those with a first content", () => {
    const { program, made } = build((p) => [
      p.buffer("zeros", 2 ** 20),
      p.buffer("content", Uint8Array.of(1)),
    ]);
    const { layout } = encoded(program);
    const [zeros, content] = made.map((data) => stateOffset(layout, data));
    expect(content).toBeLessThan(zeros!);
  });

  test("writes pointers to data, buffers and places in them over the bytes", () => {
    const { program, made } = build((p) => {
      const [text, buffer] = [p.text("abc"), p.buffer("b", 32)];
      const vector = p.constant("{vector}", new Uint8Array(24).fill(0xff), [
        { at: 0, to: text },
        { at: 16, to: addressOf(buffer, 5) },
      ]);
      const writable = p.buffer("vector", new Uint8Array(8), [
        { at: 0, to: vector },
      ]);
      return { text, buffer, vector, writable };
    });
    const { layout, constant, state } = encoded(program);
    const vector = layout.constants.get(made.vector)!;
    const words = new DataView(constant.buffer, vector);
    expect(Number(words.getBigUint64(0, true))).toBe(
      BASES.constant + layout.constants.get(made.text)!,
    );
    expect(words.getBigUint64(8, true)).toBe(2n ** 64n - 1n);
    expect(Number(words.getBigUint64(16, true))).toBe(
      BASES.state + layout.buffers.get(made.buffer)! + 5,
    );
    const pointer = new DataView(
      state.buffer,
      layout.buffers.get(made.writable),
    );
    expect(Number(pointer.getBigUint64(0, true))).toBe(BASES.constant + vector);
  });

  test("knows no buffer of another Program", () => {
    const other = build((p) => p.buffer("other", 8)).made;
    const { program } = build(() => null);
    expect(() => stateOffset(layOut(program), other)).toThrow(
      "other is no buffer of this Program",
    );
  });
});

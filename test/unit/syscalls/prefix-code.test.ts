/** Prefix codes: complete, short for what is frequent, and told whole by their description. */

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  BitWriter,
  canonicalCodes,
  codeLengths,
  describeCode,
  LONGEST_CODE,
  RUN,
} from "../../../syscalls/pack/prefix-code.ts";

const seed = Number(process.env["SELFDOCK_SEED"] ?? Date.now() % 2 ** 31);
console.log(`SELFDOCK_SEED=${seed}`);

const COUNTS = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(100_000)), {
  minLength: 2,
  maxLength: 300,
});

function always(holds: (counts: number[]) => void): void {
  fc.assert(fc.property(COUNTS, holds), { seed });
}

test("every row of bits begins with just one code", () => {
  always((counts) => {
    const codes = canonicalCodes(codeLengths(counts));
    const values = codes.flatMap(({ length, bits }) => {
      if (length === 0) return [];
      const free = LONGEST_CODE - length;
      return Array.from(
        { length: 1 << free },
        (_, rest) => (bits << free) | rest,
      );
    });
    expect(values.toSorted((a, b) => a - b)).toEqual([
      ...Array(1 << LONGEST_CODE).keys(),
    ]);
  });
});

test("what is used has a code, and one that is no longer than a rarer one's", () => {
  always((counts) => {
    const lengths = codeLengths(counts);
    const used = counts.flatMap((count, symbol) =>
      count > 0 ? [{ count, length: lengths[symbol]! }] : [],
    );
    const sorted = used.toSorted((a, b) => b.count - a.count);
    for (const [index, { count, length }] of sorted.entries()) {
      expect(length).toBeGreaterThan(0);
      const next = sorted[index + 1];
      if (next !== undefined && next.count < count)
        expect(next.length).toBeGreaterThanOrEqual(length);
    }
  });
});

test("as few bits as can be: the code of Huffman, where none is too long", () => {
  const lengths = codeLengths([8, 4, 2, 1, 1, 0]);
  expect(lengths).toEqual([1, 2, 3, 4, 4, 0]);
  expect(codeLengths([0, 0, 5])).toHaveLength(3);
});

test("a description tells the lengths", () => {
  always((counts) => {
    const lengths = codeLengths(counts);
    const told = [...describeCode(lengths)].flatMap((byte) =>
      Array<number>((byte % RUN.most) + 1).fill(byte >> RUN.lengthShift),
    );
    const end = lengths.findLastIndex((length) => length > 0) + 1;
    expect(told).toEqual(lengths.slice(0, end));
  });
});

test("bits stand in a row, the high ones first", () => {
  const writer = new BitWriter();
  writer.add(0b1, 1);
  writer.add(0b0011, 4);
  writer.add(0, 0);
  writer.add(0x8001, 16);
  expect([...writer.finish()]).toEqual([0b1001_1100, 0b0000_0000, 0b0000_1000]);
});

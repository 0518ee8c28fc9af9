/** Kernel structs in memory. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  bytes,
  encodeStruct,
  type Layout,
  layout,
  offsetOf,
  sizeOf,
  u16,
  u32,
  u64,
  u8,
  type Values,
} from "../../../syscalls/struct.ts";
import * as structs from "../../../syscalls/structs.ts";

const SAMPLE = layout(24, {
  a: u8(0),
  b: u16(2),
  c: u32(4),
  d: u64(8),
  e: bytes(16, 8),
});

describe("encodeStruct", () => {
  test("puts each field at its place, little endian, and zero elsewhere", () => {
    const memory = encodeStruct(SAMPLE, {
      a: 1,
      b: 0x203,
      d: 0x0102_0304_0506_0708n,
    });
    expect([...memory]).toEqual([
      1, 0, 3, 2, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });

  test("takes negative numbers for signed fields and numbers for 64 bits", () => {
    const memory = encodeStruct(SAMPLE, { c: -100, d: 2 ** 40 });
    expect([...memory.subarray(4, 16)]).toEqual([
      0x9c, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 0,
    ]);
  });

  test("copies bytes and leaves the rest of the field zero", () => {
    expect([
      ...encodeStruct(SAMPLE, { e: Buffer.from("lo") }).subarray(16),
    ]).toEqual([0x6c, 0x6f, 0, 0, 0, 0, 0, 0]);
  });

  test("refuses a value that does not fit", () => {
    expect(() => encodeStruct(SAMPLE, { a: 256 })).toThrow(
      'Cannot encode field "a"',
    );
    expect(() => encodeStruct(SAMPLE, { a: -129 })).toThrow(
      'Cannot encode field "a"',
    );
    expect(() => encodeStruct(SAMPLE, { d: 2n ** 64n })).toThrow(
      'Cannot encode field "d"',
    );
    expect(() => encodeStruct(SAMPLE, { c: 0.5 })).toThrow(RangeError);
    expect(() => encodeStruct(SAMPLE, { e: new Uint8Array(9) })).toThrow(
      'Cannot encode field "e"',
    );
  });

  test("has no field but its own, in types and at run time", () => {
    // @ts-expect-error: SAMPLE has no field "z"
    const unknown = () => encodeStruct(SAMPLE, { z: 1 });
    // @ts-expect-error: SAMPLE has no field "z"
    const nowhere = () => offsetOf(SAMPLE, "z");
    // @ts-expect-error: "e" is bytes, not a number
    const mistaken: Values<typeof SAMPLE.fields> = { e: 1 };
    expect(unknown).toThrow('Cannot find field "z"');
    expect(nowhere).toThrow('Cannot find field "z"');
    expect(mistaken).toEqual({ e: 1 } as object);
  });

  test("a 64-bit field reads back as it was written", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        (value) => {
          const memory = encodeStruct(SAMPLE, { d: value });
          const read = new DataView(memory.buffer).getBigUint64(
            offsetOf(SAMPLE, "d"),
            true,
          );
          expect(read).toBe(BigInt.asUintN(64, value));
        },
      ),
    );
  });
});

describe("every layout", () => {
  const layouts = Object.entries<Layout>(structs);

  test.each(layouts)(
    "%s has fields in order, aligned, apart and within its size",
    (_, struct) => {
      let end = 0;
      for (const { kind, offset, size } of Object.values(struct.fields)) {
        expect(offset).toBeGreaterThanOrEqual(end);
        if (kind === "integer") expect(offset % size).toBe(0);
        end = offset + size;
      }
      expect(end).toBeLessThanOrEqual(sizeOf(struct));
    },
  );
});

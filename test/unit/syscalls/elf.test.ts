/** Reading and changing ELF headers. */

import { describe, expect, test } from "bun:test";
import {
  ET,
  PF,
  PT,
  PT_HIDDEN,
} from "../../../syscalls/constants/elf.table.ts";
import {
  onlyHeader,
  parseExecutable,
  writeEntry,
  writeHeader,
  writeHeaderType,
} from "../../../syscalls/elf.ts";
import { BASE, HEADERS, smallExecutable } from "./small-executable.ts";

describe("reading", () => {
  test("gives entry and headers in order", () => {
    const { entry, headersAt, headers } = parseExecutable(smallExecutable());
    expect(entry).toBe(BASE + 0x1000);
    expect(headersAt).toBe(64);
    expect(headers.map(({ type }) => type)).toEqual([
      PT.PHDR,
      PT.INTERP,
      PT.LOAD,
      PT.GNU_STACK,
      PT.NOTE,
    ]);
    expect(headers[2]).toEqual({
      index: 2,
      type: PT.LOAD,
      flags: PF.R | PF.X,
      offset: 0,
      address: BASE,
      fileSize: 0x1234,
      memorySize: 0x5000,
    });
  });

  test("works in the middle of a larger piece of memory", () => {
    const file = smallExecutable();
    const larger = new Uint8Array(file.length + 100);
    larger.set(file, 7);
    const executable = parseExecutable(larger.subarray(7, 7 + file.length));
    writeEntry(executable, 1);
    writeHeaderType(executable, 0, PT_HIDDEN);
    const { entry, headers } = parseExecutable(executable.bytes);
    expect([entry, headers[0]!.type]).toEqual([1, PT_HIDDEN]);
  });

  test("agrees with the program that runs this test", async () => {
    const head = new Uint8Array(
      await Bun.file(process.execPath).slice(0, 4096).arrayBuffer(),
    );
    expect(onlyHeader(parseExecutable(head), "PHDR").offset).toBe(64);
  });

  test.each([
    ["a script", [0x23, 0x21], "not a 64-bit ELF file"],
    ["a 32-bit file", [0x7f, 0x45, 0x4c, 0x46, 1], "not a 64-bit ELF file"],
    [
      "a big-endian file",
      [0x7f, 0x45, 0x4c, 0x46, 2, 2],
      "not a 64-bit ELF file",
    ],
  ])("refuses %s", (_, ident, message) => {
    expect(() => parseExecutable(smallExecutable(HEADERS, { ident }))).toThrow(
      message,
    );
  });

  test("refuses an empty file, one that is cut off, and a shared object", () => {
    expect(() => parseExecutable(new Uint8Array(0))).toThrow(RangeError);
    for (const size of [6, 40, 63, 64, 100, 300])
      expect(() => parseExecutable(smallExecutable().slice(0, size))).toThrow(
        RangeError,
      );
    const shared = smallExecutable(HEADERS, { ehdr: { type: ET.DYN } });
    expect(() => parseExecutable(shared)).toThrow(
      "not an executable of a fixed address",
    );
  });

  test("asks for the only header of a type", () => {
    const executable = parseExecutable(
      smallExecutable([...HEADERS, { type: PT.NOTE }]),
    );
    expect(onlyHeader(executable, "INTERP").index).toBe(1);
    expect(() => onlyHeader(executable, "NOTE")).toThrow(
      "the executable has 2 headers PT_NOTE",
    );
    expect(() => onlyHeader(executable, "DYNAMIC")).toThrow(
      "the executable has 0 headers PT_DYNAMIC",
    );
  });
});

describe("writing", () => {
  test("changes the bytes of what it names and no others", () => {
    const original = smallExecutable();
    const changed = (
      write: (file: ReturnType<typeof parseExecutable>) => void,
    ) => {
      const bytes = original.slice();
      write(parseExecutable(bytes));
      return [...bytes.keys()].filter(
        (index) => bytes[index] !== original[index],
      );
    };
    const within = (places: readonly number[], start: number, size: number) =>
      places.length > 0 &&
      places.every((place) => place >= start && place < start + size);
    expect(
      within(
        changed((file) => writeEntry(file, 0x1122_3344_5566)),
        24,
        8,
      ),
    ).toBe(true);
    expect(
      within(
        changed((file) => writeHeaderType(file, 1, PT_HIDDEN)),
        64 + 56,
        4,
      ),
    ).toBe(true);
    expect(
      within(
        changed((file) => writeHeader(file, 4, { type: PT.LOAD })),
        64 + 4 * 56,
        56,
      ),
    ).toBe(true);
  });
});

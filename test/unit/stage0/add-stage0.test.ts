/** What build.ts does to the executable, header by header, and what it refuses. */

import { describe, expect, test } from "bun:test";
import { addStage0 } from "../../../build.ts";
import {
  MEMORY_ADDRESS,
  READY_STATE_ADDRESS,
  STAGE0_ADDRESS,
  STATE_ADDRESS,
} from "../../../src/stage0/handover.ts";
import { encodeStage0 } from "../../../src/stage0/image.ts";
import { makeReady } from "../../../src/stage0/ready-made.ts";
import { layOut } from "../../../syscalls/encode.ts";
import { planStage0 } from "../../../src/stage0/plan-stage0.ts";
import {
  ET,
  PF,
  PT,
  PT_HIDDEN,
} from "../../../syscalls/constants/elf.table.ts";
import { parseExecutable } from "../../../syscalls/elf.ts";
import { ELF64_PHDR } from "../../../syscalls/structs.ts";
import {
  BASE,
  HEADERS,
  INTERPRETER,
  smallExecutable,
} from "../syscalls/small-executable.ts";

const PAGE = 4096;

const original = smallExecutable();
const before = parseExecutable(original);
const patched = addStage0(original);
const ready = makeReady();
const after = parseExecutable(patched);

describe("the executable with stage 0", () => {
  test("starts at stage 0", () => {
    expect(after.entry).toBe(STAGE0_ADDRESS);
  });

  test("has a segment in the place of the notes that is executable and not writable", () => {
    const segment = after.headers[4]!;
    expect(segment).toMatchObject({
      type: PT.LOAD,
      flags: PF.R | PF.X,
      address: STAGE0_ADDRESS,
    });
    expect(segment.offset % PAGE).toBe(STAGE0_ADDRESS % PAGE);
    expect(segment.offset).toBeGreaterThanOrEqual(original.length);
    expect(segment.offset + segment.fileSize).toBe(patched.length);
    expect(segment.memorySize).toBe(segment.fileSize);
  });

  test("names no interpreter to the kernel, and keeps its header for later", () => {
    const types = after.headers.map(({ type }) => type);
    expect(types).toEqual([PT.PHDR, PT_HIDDEN, PT.LOAD, PT.GNU_STACK, PT.LOAD]);
    expect(after.headers[1]).toEqual({
      ...before.headers[1]!,
      type: PT_HIDDEN,
    });
  });

  test("carries stage 0 for its own entry, interpreter and headers", () => {
    const image = encodeStage0(
      planStage0(
        {
          entry: before.entry,
          interpreter: INTERPRETER,
          interpreterHeader: BASE + 64 + ELF64_PHDR.size,
        },
        ready,
      ),
      ready.embedded,
    );
    const { offset, fileSize } = after.headers[4]!;
    expect(patched.subarray(offset, offset + fileSize)).toEqual(image);
  });

  test("is otherwise what it was, and the same every time", () => {
    const changed = [...original.keys()].filter(
      (index) => patched[index] !== original[index],
    );
    const entry = (index: number) => index >= 24 && index < 32;
    const header = (which: number, size: number) => (index: number) =>
      index >= 64 + which * 56 && index < 64 + which * 56 + size;
    const allowed = [entry, header(1, 4), header(4, 56)];
    expect(
      changed.filter((index) => !allowed.some((may) => may(index))),
    ).toEqual([]);
    expect(addStage0(smallExecutable())).toEqual(patched);
  });

  test("has all its memory between the program and stage 0", () => {
    expect(ready.embedded.memoryEnd).toBeGreaterThan(READY_STATE_ADDRESS);
    expect(ready.embedded.memoryEnd).toBeLessThan(STAGE0_ADDRESS);
    const program = planStage0(
      { entry: 1, interpreter: INTERPRETER, interpreterHeader: 2 },
      ready,
    );
    const { stateSize } = layOut(program);
    expect(STATE_ADDRESS + stateSize).toBeLessThan(READY_STATE_ADDRESS);
    const tooFar = { ...ready.embedded, memoryEnd: STAGE0_ADDRESS + 1 };
    expect(() => encodeStage0(program, tooFar)).toThrow(RangeError);
  });
});

describe("stage 0 is not added to", () => {
  const without = (type: number) =>
    HEADERS.filter((header) => header.type !== type);
  const high = { type: PT.LOAD, vaddr: MEMORY_ADDRESS, memsz: 1 };
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["anything but ELF", new Uint8Array(4096), "not a 64-bit ELF file"],
    [
      "a shared object",
      smallExecutable(HEADERS, { ehdr: { type: ET.DYN } }),
      "not an executable of a fixed address",
    ],
    [
      "a static executable",
      smallExecutable(without(PT.INTERP)),
      "the executable has 0 headers PT_INTERP",
    ],
    [
      "one without notes",
      smallExecutable(without(PT.NOTE)),
      "the executable has 0 headers PT_NOTE",
    ],
    [
      "one with two notes",
      smallExecutable([...HEADERS, { type: PT.NOTE }]),
      "the executable has 2 headers PT_NOTE",
    ],
    [
      "one without PT_PHDR",
      smallExecutable(without(PT.PHDR)),
      "the executable has 0 headers PT_PHDR",
    ],
    [
      "one that reaches into its memory",
      smallExecutable([...HEADERS, high]),
      "the executable reaches up to 0xf000001",
    ],
    ["itself", patched, "the executable has 0 headers PT_INTERP"],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => addStage0(bytes)).toThrow(message);
  });
});

/** Where everything of a Program goes in memory, bit by bit. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { encode, layOut, stateOffset } from "../../../syscalls/encode.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Operand, Program } from "../../../syscalls/program.ts";
import {
  CONTROL,
  CONTROL_BIT,
  FLAG_CONTINUE,
  FLAG_FAULT,
  RECORD,
  STATE,
} from "../../../syscalls/record.ts";
import { countsFor } from "./counts.ts";

const BASES = { constant: 0x10_0000, state: 0x7fff_0000_0000 };

/** A Program of the steps that `write` makes; faults go to its `stop`. */
function build<T>(write: (p: ProgramBuilder) => T): {
  program: Program;
  made: T;
} {
  const p = new ProgramBuilder();
  const end = p.label("end");
  const made = p.part("a test", () => {
    const it = p.faultsTo(end, () => write(p));
    p.place(end);
    p.control("stop", [0]);
    return it;
  });
  return { program: p.finish(), made };
}

function encoded(program: Program) {
  const layout = layOut(program);
  const constant = new Uint8Array(layout.constantSize);
  const state = new Uint8Array(layout.stateSize);
  encode(layout, BASES, { constant, state });
  const view = new DataView(constant.buffer);
  const word = (step: number, field: number) =>
    view.getBigUint64(step * RECORD.size + field, true);
  return {
    layout,
    constant,
    state,
    operation: (step: number) =>
      view.getUint32(step * RECORD.size + RECORD.operation, true),
    flags: (step: number) =>
      view.getUint32(step * RECORD.size + RECORD.flags, true),
    argument: (step: number, index: number) =>
      word(step, RECORD.argument + 8 * index),
    word,
  };
}

/** The first argument of a call with this operand. */
function argumentFor(operand: Operand): bigint {
  return encoded(build((p) => p.call("close", [operand])).program).argument(
    0,
    0,
  );
}

describe("a record", () => {
  test("has room for operation, flags, six arguments, result and target, without holes", () => {
    const { size, ...fields } = RECORD;
    expect<number[]>(Object.values(fields)).toEqual([
      0,
      4,
      8,
      8 + 6 * 8,
      8 + 7 * 8,
    ]);
    expect<number>(size).toBe(8 + 8 * 8);
  });

  test("of a call holds its number, of a control operation its index and the high bit", () => {
    const { program } = build((p) => {
      p.call("getpid", []);
      for (const name of CONTROL) p.control(name, [0, 0, 0]);
    });
    const { operation } = encoded(program);
    expect(operation(0)).toBe(SYSCALL.getpid);
    CONTROL.forEach((_, index) =>
      expect(operation(index + 1)).toBe(CONTROL_BIT + index),
    );
  });

  test("marks the arguments that are slots, and holds the address of each", () => {
    const { program, made } = build((p) => {
      const [a, b] = [p.slot("a"), p.slot("b")];
      p.call("pread64", [1, a, 2, b, -1, a]);
      return { a, b };
    });
    const { flags, argument, layout } = encoded(program);
    const at = (slot: typeof made.a) =>
      BigInt(BASES.state + stateOffset(layout, slot));
    expect(flags(0) & 0x3f).toBe(0b101010);
    expect([0, 1, 2, 3, 4, 5].map((index) => argument(0, index))).toEqual([
      1n,
      at(made.a),
      2n,
      at(made.b),
      2n ** 64n - 1n,
      at(made.a),
    ]);
  });

  test("says what a failure does, and where it goes on", () => {
    const { program } = build((p) => {
      const over = p.label("over");
      p.call("close", [0]);
      p.call("close", [0], { failure: "continue" });
      p.call("close", [0], { failure: over });
      p.place(over);
    });
    const { flags, word } = encoded(program);
    const policy = (step: number) => flags(step) >> FLAG_CONTINUE;
    const end = BigInt(BASES.constant + 3 * RECORD.size);
    expect([0, 1, 2].map(policy)).toEqual([
      1 << (FLAG_FAULT - FLAG_CONTINUE),
      1,
      0,
    ]);
    expect([0, 1, 2].map((step) => word(step, RECORD.target))).toEqual([
      end,
      0n,
      end,
    ]);
  });

  test("without a result of its own has one that is thrown away", () => {
    const { program } = build((p) => {
      p.call("getpid", []);
      p.control("jump", [0]);
      p.call("getpid", [], { result: "kept" });
    });
    const { word } = encoded(program);
    const first = BigInt(BASES.state + STATE.size);
    expect(word(0, RECORD.result)).toBe(first);
    expect(word(1, RECORD.result)).toBe(first);
    expect(word(2, RECORD.result)).toBe(first + 16n);
  });
});

describe("an operand", () => {
  const cases: readonly (readonly [Operand, bigint])[] = [
    [0, 0n],
    [-1, 2n ** 64n - 1n],
    [-(2 ** 31), 2n ** 64n - 2n ** 31n],
    [-(2 ** 53 - 1), 2n ** 64n - 2n ** 53n + 1n],
    [2 ** 32 - 1, 2n ** 32n - 1n],
    [2 ** 53 - 1, 2n ** 53n - 1n],
    [2 ** 63, 2n ** 63n],
    [2n ** 53n + 1n, 2n ** 53n + 1n],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
    [-(2n ** 63n), 2n ** 63n],
    [-1n, 2n ** 64n - 1n],
    [shown(-100, "AT_FDCWD"), 2n ** 64n - 100n],
    [shown(2n ** 63n + 1n, "big"), 2n ** 63n + 1n],
  ];
  for (const [operand, expected] of cases) {
    const name =
      typeof operand === "object" && operand.kind === "shown"
        ? operand.text
        : String(operand);
    test(`${name} (${typeof operand}) is 0x${expected.toString(16)}`, () => {
      expect(argumentFor(operand)).toBe(expected);
    });
  }

  test("that is any 64-bit number is that number", () => {
    const numbers = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.maxSafeInteger(),
    );
    const same = (value: bigint | number) =>
      expect(argumentFor(value)).toBe(BigInt.asUintN(64, BigInt(value)));
    fc.assert(fc.property(numbers, same), countsFor(1));
  });

  test("that is a label is the address of the step behind it", () => {
    const { program } = build((p) => {
      const here = p.label("here");
      p.control("set", [here], { result: p.slot("a") });
      p.place(here);
      p.control("jump", [here]);
    });
    const { argument, flags } = encoded(program);
    expect(argument(0, 0)).toBe(BigInt(BASES.constant + RECORD.size));
    expect(argument(1, 0)).toBe(BigInt(BASES.constant + RECORD.size));
    expect(flags(0) & 0x3f).toBe(0);
  });

  test("that is data or an address is where the data lie", () => {
    const { program, made } = build((p) => {
      const [text, buffer, slot] = [
        p.text("abc"),
        p.buffer("b", 8),
        p.slot("s"),
      ];
      p.call("getcwd", [
        text,
        addressOf(text, 2),
        buffer,
        addressOf(buffer, 3),
        addressOf(slot),
      ]);
      return { text, buffer, slot };
    });
    const { argument, layout, flags } = encoded(program);
    const text = BASES.constant + layout.constants.get(made.text)!;
    const buffer = BASES.state + stateOffset(layout, made.buffer);
    const slot = BASES.state + stateOffset(layout, made.slot);
    expect([0, 1, 2, 3, 4].map((i) => Number(argument(0, i)))).toEqual([
      text,
      text + 2,
      buffer,
      buffer + 3,
      slot,
    ]);
    expect(flags(0) & 0x3f).toBe(0);
  });
});

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
        made.forEach((data, index) => {
          const area = data.writable ? state : constant;
          const at = (data.writable ? layout.buffers : layout.constants).get(
            data,
          )!;
          expect(at % 16).toBe(0);
          expect(at).toBeGreaterThanOrEqual(ends.get(area)!);
          expect(area.subarray(at, at + data.size)).toEqual(
            contents[index]![1],
          );
          ends.set(area, at + data.size);
        });
        for (const [area, end] of ends)
          expect(end).toBeLessThanOrEqual(area.length);
      }),
      countsFor(2),
    );
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
      layout.buffers.get(made.writable)!,
    );
    expect(Number(pointer.getBigUint64(0, true))).toBe(BASES.constant + vector);
  });

  test("knows no buffer of another Program", () => {
    const other = build((p) => p.buffer("other", 8)).made;
    const { program } = build(() => undefined);
    expect(() => stateOffset(layOut(program), other)).toThrow(
      "other is no buffer of this Program",
    );
  });
});

/** Records, bit by bit. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { stateOffset } from "../../../syscalls/encode.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Operand } from "../../../syscalls/program.ts";
import {
  CONTROL,
  CONTROL_BIT,
  FLAG_CONTINUE,
  FLAG_FAULT,
  RECORD,
  STATE,
} from "../../../syscalls/record.ts";
import { countsFor } from "./counts.ts";
import { shownAs } from "./names.ts";
import { BASES, build, encoded } from "./encoded.ts";

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
    const name = shownAs(operand) || `${operand as number | bigint}`;
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

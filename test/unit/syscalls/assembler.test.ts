/** Every instruction of the assembler, for all registers, as objdump reads it. */

import { describe, expect, test } from "bun:test";
import { Assembler } from "../../../syscalls/arch/x86_64/assembler.ts";
import type {
  Condition,
  Register,
  Width,
} from "../../../syscalls/arch/x86_64/assembler.ts";
import { rule } from "../../harness/needs.ts";
import { disassemble } from "./objdump.ts";

const OLD = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"] as const;
const NEW = ["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"] as const;
const REGISTERS: readonly Register[] = [...OLD, ...NEW];
const OFFSETS = [0, 8, 127, 128, 0x12345, -8, -128, -129];
const IMMEDIATES = [0, 1, 127, 128, 255, 0x12345, -1, -128, -129, -4095];

/** A write and the text that objdump must give for it. */
type Row = readonly [(a: Assembler) => void, string];

/** The name of the low `width` bytes of a register. */
function part(register: Register, width: Width): string {
  if (width === 8) return register;
  if (register.startsWith("r") && /\d/.test(register))
    return `${register}${{ 4: "d", 2: "w", 1: "b" }[width]}`;
  const stem = register.slice(1);
  if (width === 4) return `e${stem}`;
  if (width === 2) return stem;
  return stem.endsWith("x") ? `${stem[0]}l` : `${stem}l`;
}

function hex(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

function place(base: Register, offset: number, width: Width): string {
  const size = { 1: "BYTE", 2: "WORD", 4: "DWORD", 8: "QWORD" }[width];
  const distance = `${offset < 0 ? "-" : "+"}0x${Math.abs(offset).toString(16)}`;
  const none = offset === 0 && base !== "rbp" && base !== "r13";
  return `${size} PTR [${base}${none ? "" : distance}]`;
}

function pairs(): readonly (readonly [Register, Register])[] {
  return REGISTERS.flatMap((a) => REGISTERS.map((b) => [a, b] as const));
}

/** Narrow loads go through the 32-bit register, which clears the upper half. */
function loadText(
  to: Register,
  base: Register,
  [offset, width]: readonly [number, Width],
): string {
  const from = place(base, offset, width);
  return width < 4
    ? `movzx ${part(to, 4)},${from}`
    : `mov ${part(to, width)},${from}`;
}

const MEMORY: readonly Row[] = pairs().flatMap(([to, base]) =>
  OFFSETS.flatMap((offset) =>
    ([1, 2, 4, 8] as const).flatMap((width): Row[] => [
      [
        (a) => a.load(to, base, offset, width),
        loadText(to, base, [offset, width]),
      ],
      [
        (a) => a.store(base, offset, to, width),
        `mov ${place(base, offset, width)},${part(to, width)}`,
      ],
    ]),
  ),
);

const NAMES = {
  add: "add",
  or: "or",
  and: "and",
  subtract: "sub",
  xor: "xor",
  compare: "cmp",
  test: "test",
} as const;

const TWO_REGISTERS: readonly Row[] = pairs().flatMap(([to, from]): Row[] => [
  [(a) => a.move(to, from), `mov ${to},${from}`],
  ...(Object.keys(NAMES) as (keyof typeof NAMES)[]).map((operation): Row => [
    (a) => a.arithmetic(operation, to, from),
    `${NAMES[operation]} ${to},${from}`,
  ]),
  [(a) => a.multiply(to, from), `imul ${to},${from}`],
  [(a) => a.shiftIn(to, from), `shld ${to},${from},cl`],
]);

const ONE_REGISTER: readonly Row[] = REGISTERS.flatMap((r): Row[] => [
  ...IMMEDIATES.flatMap((value): Row[] => [
    [(a) => a.addImmediate(r, value), `add ${r},${hex(value)}`],
    [(a) => a.orImmediate(r, value), `or ${r},${hex(value)}`],
    [(a) => a.andImmediate(r, value), `and ${r},${hex(value)}`],
    [(a) => a.compareImmediate(r, value), `cmp ${r},${hex(value)}`],
  ]),
  [
    (a) => a.moveImmediate(r, 0x8877_6655_4433_2211n),
    `movabs ${r},0x8877665544332211`,
  ],
  ...[0n, 0xffff_ffffn].map((value): Row => [
    (a) => a.moveImmediate(r, value),
    `mov ${part(r, 4)},${hex(value)}`,
  ]),
  [(a) => a.swapBytes(r), `bswap ${r}`],
  [(a) => a.shift("left", r), `shl ${r},cl`],
  [(a) => a.shift("right", r), `shr ${r},cl`],
  ...[0, 9, 31, 63].map((bit): Row => [
    (a) => a.testBit(r, bit),
    `bt ${r},${hex(bit)}`,
  ]),
  ...[2, 8, 63].flatMap((count): Row[] => [
    [(a) => a.shiftImmediate("left", r, count), `shl ${r},${hex(count)}`],
    [(a) => a.shiftImmediate("right", r, count), `shr ${r},${hex(count)}`],
    [(a) => a.rotateLeft(r, count), `rol ${r},${hex(count)}`],
  ]),
  [(a) => a.clear(r), `xor ${r},${r}`],
  [(a) => a.push(r), `push ${r}`],
  [(a) => a.pop(r), `pop ${r}`],
  [(a) => a.jumpTo(r), `jmp ${r}`],
]);

const TABLE_ENTRIES: readonly Row[] = REGISTERS.flatMap((to) =>
  (["rax", "rcx", "rdx", "rbx", "rsi", "rdi"] as const).flatMap((base) =>
    REGISTERS.filter((index) => index !== "rsp").map((index): Row => [
      (a) => a.loadTableEntry(to, base, index),
      `movsxd ${to},DWORD PTR [${base}+${index}*4]`,
    ]),
  ),
);

const ALONE: readonly Row[] = [
  [(a) => a.return(), "ret"],
  [(a) => a.systemCall(), "syscall"],
  [(a) => a.copyBytes(), "rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]"],
  [(a) => a.fillWords(), "rep stos WORD PTR es:[rdi],ax"],
  [(a) => a.scanBytes(), "repnz scas al,BYTE PTR es:[rdi]"],
];

/** Assembles all rows in one and compares instruction by instruction. */
function check(rows: readonly Row[]): void {
  const a = new Assembler();
  for (const [write] of rows) write(a);
  const read = disassemble(a.finish()).map(({ text }) => text);
  expect(read).toEqual(rows.map(([, text]) => text));
}

const TABLES = {
  "loads and stores": MEMORY,
  "two registers": TWO_REGISTERS,
  "one register": ONE_REGISTER,
  "entries of jump tables": TABLE_ENTRIES,
  "instructions without operands": ALONE,
} as const;

describe("objdump agrees about", () => {
  for (const [name, rows] of Object.entries(TABLES))
    rule(`${name} (${rows.length})`, ["program:objdump"], () =>
      Promise.resolve(check(rows)),
    );

  rule("jumps, forward and backward", ["program:objdump"], () => {
    const names: Readonly<Record<Condition, string>> = {
      below: "jb",
      aboveOrEqual: "jae",
      equal: "je",
      notEqual: "jne",
      belowOrEqual: "jbe",
      above: "ja",
      negative: "js",
      less: "jl",
      greaterOrEqual: "jge",
      lessOrEqual: "jle",
      greater: "jg",
    };
    for (const [gap, expected] of [
      [0, [2]],
      [105, [2, 6]],
      [1000, [6]],
    ] as const) {
      const a = new Assembler();
      a.label("start");
      a.jump("end");
      a.call("end");
      a.addressOf("r9", "end");
      for (let index = 0; index < gap; index++) a.return();
      for (const condition of Object.keys(names) as Condition[])
        a.jumpIf(condition, "start");
      a.label("end");
      const code = a.finish();
      const end = hex(code.length);
      const read = disassemble(code);
      const texts = read.map(({ text }) => text);
      expect(texts.slice(0, 2)).toEqual([`jmp ${end}`, `call ${end}`]);
      const behind = hex(code.length - read[2]!.at - read[2]!.size);
      expect(texts[2]).toBe(`lea r9,[rip+${behind}]`);
      expect(texts.slice(3 + gap)).toEqual(
        Object.values(names).map((name) => `${name} 0x0`),
      );
      const sizes = read.slice(3 + gap).map(({ size }) => size);
      expect([...new Set(sizes)]).toEqual([...expected]);
    }
    return Promise.resolve();
  });
});

describe("the assembler", () => {
  test("writes distances from the start of a table", () => {
    const a = new Assembler();
    a.label("table");
    a.distance("table", "table");
    a.distance("table", "end");
    a.label("end");
    expect([...new Int32Array(a.finish().buffer)]).toEqual([0, 8]);
  });

  test("refuses labels that are nowhere, defined twice, or tables that come later", () => {
    const nowhere = new Assembler();
    nowhere.jump("end");
    expect(() => nowhere.finish()).toThrow("label end is nowhere");
    const twice = new Assembler();
    twice.label("here");
    expect(() => twice.label("here")).toThrow("label here is defined twice");
    expect(() => new Assembler().distance("table", "here")).toThrow(
      "table table must come first",
    );
  });
});

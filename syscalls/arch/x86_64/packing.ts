/** What all parts of the unpacker work with. */

import type { Assembler, Register } from "./assembler.ts";

/** Absolute addresses that the unpacker works with. */
export interface Packing {
  /** The file's first byte, and the checksum of all before it; a NUL is behind that. */
  readonly file: number;
  readonly checksum: number;
  /** How the codes of symbols and of distances are described, one behind the other, and then the tokens of both parts. */
  readonly symbols: number;
  readonly distances: number;
  readonly tokens: readonly [soon: number, late: number];
  /** Whole pages from here on: the codes, a section's rows, the shapes, the buffer, the image. */
  readonly memory: number;
  readonly memorySize: number;
  readonly rows: number;
  readonly shapes: number;
  readonly shapeCount: number;
  /** What the tokens lead to, behind the player: shapes and sections, then the late sections. There is SLACK behind them. */
  readonly buffer: number;
  readonly parts: readonly [soon: number, late: number];
  readonly bufferEnd: number;
  /** What the sections lead to. */
  readonly image: number;
  readonly imageEnd: number;
}

/** Sets a register to a number. */
export type Immediate = (to: Register, value: number | bigint) => void;

export function immediate(a: Assembler): Immediate {
  return (to, value) => a.moveImmediate(to, BigInt.asUintN(64, BigInt(value)));
}

/** The byte at [rsi], which goes on behind it. */
export function takeByte(a: Assembler, to: Register): void {
  a.load(to, "rsi", 0, 1);
  a.addImmediate("rsi", 1);
}

/** From `at` on rcx bytes end at `end` or before. */
export function requireRoom(a: Assembler, at: Register, end: Register): void {
  a.move("rdx", at);
  a.arithmetic("add", "rdx", "rcx");
  a.arithmetic("compare", "rdx", end);
  a.jumpIf("above", "damaged");
}

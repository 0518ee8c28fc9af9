/** What all parts of the unpacker work with. */

import type { Assembler, Register } from "./assembler.ts";

/** Absolute addresses that the unpacker works with. */
export interface Packing {
  /** The file's first byte, and the checksum of all before it; a NUL is behind that. */
  readonly file: number;
  readonly checksum: number;
  /** Where the codes of symbols are described, then that of distances, and where the last one ends. */
  readonly codes: readonly number[];
  /** Where the tokens of each stream begin. */
  readonly tokens: readonly number[];
  /** Whole pages from here on: the codes, a section's rows, the shapes, the buffer, the image. */
  readonly memory: number;
  readonly memorySize: number;
  readonly rows: number;
  readonly shapes: number;
  readonly shapeCount: number;
  /** What the tokens lead to, behind the player: the streams, sections and bytes by turns, and their end. There is SLACK behind it. */
  readonly buffer: number;
  readonly streams: readonly number[];
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

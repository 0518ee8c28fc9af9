/** What both halves of the unpacker work with. */

import type { Assembler, Register } from "./assembler.ts";

/** Absolute addresses that the unpacker works with. */
export interface Packing {
  /** The file's first byte, and the checksum of all before it; a NUL is behind that. */
  readonly file: number;
  readonly checksum: number;
  /** The tokens, up to the checksum or before. */
  readonly tokens: number;
  readonly tokensEnd: number;
  /** Whole pages from here on are the buffer's, then the image's. */
  readonly memory: number;
  readonly memorySize: number;
  /** What the tokens lead to: shapes, then sections. Behind them there is SLACK, which begins with the next section's address. */
  readonly buffer: number;
  readonly bufferEnd: number;
  /** How many shapes there are. */
  readonly shapes: number;
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

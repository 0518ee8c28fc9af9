/**
 * The unpacker: before a packed file (syscalls/pack) plays anything, it proves
 * that the file is whole, and lays the image out in memory.
 *
 * Security model: a damaged file does nothing but say so. The checksum tells
 * damage; and whatever the bytes say, nothing is read or written outside of the
 * file, the buffer and the image. Whoever can write the file may have it do what
 * they like, as any executable: forgery is no matter here.
 */

import { ERRNO } from "../../errno.table.ts";
import { CHECKSUM } from "../../pack/checksum.ts";
import type { Assembler } from "./assembler.ts";
import { CODE_SIZE } from "./decompressor.ts";
import { writeColumns } from "./expander.ts";
import { SYSCALL } from "./numbers.table.ts";
import { immediate } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** Unpacks what is not late. Goes on behind itself, or at "damaged" or "no memory". Keeps r12. */
export function writeUnpacker(a: Assembler, packing: Packing): void {
  const set = immediate(a);
  const { codes, tokens, memory, buffer, streams } = packing;
  writeCheck(a, set, packing);
  set("rdi", memory);
  set("rsi", packing.memorySize);
  a.call("map memory");
  set("rsi", codes[0]!);
  set("rdi", memory);
  for (const end of [codes[1]!, codes[2]!, tokens[0]!]) {
    set("r11", end);
    a.call("read a code");
  }
  // The starter's player is a copy of this file's.
  a.addressOf("rsi", "play");
  set("rdi", buffer);
  set("rcx", streams[0]! - buffer);
  a.copyBytes();
  writeStreams(a, packing, 0);
  set("rsi", streams[0]!);
  writeColumns(a, set, packing);
  writePart(a, packing, 0);
}

/** Unpacks what is late. */
export function writeLateUnpacker(a: Assembler, packing: Packing): void {
  const first = packing.streams[2]!;
  immediate(a)("rdi", first);
  writeStreams(a, packing, 2);
  immediate(a)("rsi", first);
  writePart(a, packing, 2);
}

/** The streams of sections and of bytes from the given one on, to [rdi]. */
function writeStreams(
  a: Assembler,
  { tokens, memory, streams }: Packing,
  first: number,
): void {
  const set = immediate(a);
  for (const code of [0, 1]) {
    const stream = first + code;
    set("rsi", tokens[stream]!);
    set("r9", streams[stream + 1]!);
    set("r10", memory + code * CODE_SIZE);
    a.call("perform tokens");
  }
}

/** What the streams say, from the section at [rsi] on. */
function writePart(a: Assembler, { streams }: Packing, first: number): void {
  const set = immediate(a);
  set("r8", streams[first + 1]!);
  set("r15", streams[first + 1]!);
  a.call("unpack sections");
}

/** The file's end is there, and its words have the checksum. */
function writeCheck(
  a: Assembler,
  set: Immediate,
  { file, checksum }: Packing,
): void {
  // The path of no bytes is no file's; but where the file was cut off, it cannot be read.
  set("rdi", checksum + 8);
  set("rsi", 0);
  set("rax", SYSCALL.access);
  a.systemCall();
  a.compareImmediate("rax", -ERRNO.EFAULT);
  a.jumpIf("equal", "damaged");
  set("rsi", file);
  set("r8", checksum);
  set("rdx", CHECKSUM.first);
  set("rcx", CHECKSUM.factor);
  a.label("words");
  a.load("rax", "rsi", 0);
  a.arithmetic("xor", "rdx", "rax");
  a.multiply("rdx", "rcx");
  a.rotateLeft("rdx", CHECKSUM.turn);
  a.addImmediate("rsi", 8);
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("below", "words");
  a.load("rax", "rsi", 0);
  a.arithmetic("compare", "rdx", "rax");
  a.jumpIf("notEqual", "damaged");
}

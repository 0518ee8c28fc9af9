/**
 * The unpacker: before a packed file (syscalls/pack) plays anything, it proves
 * that the file is whole, and lays the image out in memory.
 *
 * Security model: a damaged file does nothing but say so. The checksum tells
 * damage; and whatever the bytes say, nothing is read or written outside of the
 * file, the buffer and the image. Whoever can write the file may have it do what
 * they like, as any executable: forgery is no matter here.
 */

import { MAP, PROT } from "../../constants/memory.table.ts";
import { ERRNO } from "../../errno.table.ts";
import { union } from "../../flags.ts";
import { CHECKSUM } from "../../pack/checksum.ts";
import type { Assembler } from "./assembler.ts";
import { writeColumns } from "./expander.ts";
import { SYSCALL } from "./numbers.table.ts";
import { immediate } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** Unpacks what is not late. Goes on behind itself, or at "damaged" or "no memory". Keeps r12. */
export function writeUnpacker(a: Assembler, packing: Packing): void {
  const set = immediate(a);
  const { symbols, distances, tokens, buffer, parts } = packing;
  writeCheck(a, set, packing);
  writeMemory(a, set, packing);
  set("rsi", symbols);
  set("r11", distances);
  set("rdi", packing.memory);
  a.call("read a code");
  set("r11", tokens[0]);
  a.call("read a code");
  // The starter's player is a copy of this file's.
  a.addressOf("rsi", "play");
  set("rdi", buffer);
  set("rcx", parts[0] - buffer);
  a.copyBytes();
  set("rsi", tokens[0]);
  set("r9", parts[1]);
  a.call("perform tokens");
  set("rsi", parts[0]);
  writeColumns(a, set, packing);
  a.call("unpack sections");
}

/** Unpacks what is late. */
export function writeLateUnpacker(a: Assembler, packing: Packing): void {
  const set = immediate(a);
  const { tokens, parts, bufferEnd } = packing;
  set("rsi", tokens[1]);
  set("rdi", parts[1]);
  set("r9", bufferEnd);
  a.call("perform tokens");
  set("rsi", parts[1]);
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

function writeMemory(
  a: Assembler,
  set: Immediate,
  { memory, memorySize }: Packing,
): void {
  set("rdi", memory);
  set("rsi", memorySize);
  set("rdx", union(PROT.READ, PROT.WRITE));
  set("r10", union(MAP.PRIVATE, MAP.ANONYMOUS, MAP.FIXED_NOREPLACE));
  set("r8", -1);
  set("r9", 0);
  set("rax", SYSCALL.mmap);
  a.systemCall();
  set("rdi", memory);
  a.arithmetic("compare", "rax", "rdi");
  a.jumpIf("notEqual", "no memory");
}

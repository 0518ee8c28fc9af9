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
import { SHORTEST, TOKEN } from "../../pack/compress.ts";
import { SHAPE_SIZE } from "../../pack/form.ts";
import type { Assembler } from "./assembler.ts";
import { SYSCALL } from "./numbers.table.ts";
import { immediate, requireRoom, takeByte } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** Unpacks what is not late. Goes on behind itself, or at "damaged" or "no memory". Keeps r12. */
export function writeUnpacker(a: Assembler, packing: Packing): void {
  const set = immediate(a);
  writeCheck(a, set, packing);
  writeMemory(a, set, packing);
  writeDecompression(a, set, packing);
  set("rsi", packing.buffer + packing.shapes * SHAPE_SIZE);
  a.call("unpack sections");
}

/** Unpacks what is late. */
export function writeLateUnpacker(a: Assembler, { bufferEnd }: Packing): void {
  immediate(a)("rsi", bufferEnd);
  a.load("rsi", "rsi", 0);
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

/** Performs the tokens: see compress.ts. */
function writeDecompression(
  a: Assembler,
  set: Immediate,
  { tokens, tokensEnd, buffer, bufferEnd }: Packing,
): void {
  set("rsi", tokens);
  set("rdi", buffer);
  set("r8", tokensEnd);
  set("r9", bufferEnd);
  set("r10", buffer);
  a.label("token");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("aboveOrEqual", "decompressed");
  takeByte(a, "rax");
  a.testBit("rax", TOKEN.copy);
  a.jumpIf("below", "copied bytes");
  a.move("rcx", "rax");
  a.addImmediate("rcx", 1);
  requireRoom(a, "rsi", "r8");
  a.move("r11", "rdx");
  requireRoom(a, "rdi", "r9");
  writeCopy(a);
  a.label("copied bytes");
  takeByte(a, "rcx");
  a.testBit("rax", TOKEN.far);
  a.jumpIf("aboveOrEqual", "near");
  takeByte(a, "rdx");
  a.shiftImmediate("left", "rdx", 8);
  a.arithmetic("or", "rcx", "rdx");
  a.label("near");
  a.move("r11", "rsi");
  a.move("rsi", "rdi");
  a.arithmetic("subtract", "rsi", "rcx");
  a.arithmetic("compare", "rsi", "r10");
  a.jumpIf("below", "damaged");
  a.move("r13", "rcx");
  a.move("rcx", "rax");
  a.andImmediate("rcx", TOKEN.length);
  a.addImmediate("rcx", SHORTEST);
  requireRoom(a, "rdi", "r9");
  a.compareImmediate("r13", 8);
  a.jumpIf("aboveOrEqual", "words of a copy");
  a.copyBytes();
  a.move("rsi", "r11");
  a.jump("token");
  a.label("decompressed");
  a.jumpIf("notEqual", "damaged");
  a.arithmetic("compare", "rdi", "r9");
  a.jumpIf("notEqual", "damaged");
}

/**
 * Copies rcx bytes, at least one, in words: up to seven bytes too many, which
 * stand behind both ends. They are few: `rep movs` would take longer to begin.
 */
function writeCopy(a: Assembler): void {
  a.label("words of a copy");
  a.load("rdx", "rsi", 0);
  a.store("rdi", 0, "rdx");
  a.addImmediate("rsi", 8);
  a.addImmediate("rdi", 8);
  a.addImmediate("rcx", -8);
  a.jumpIf("greater", "words of a copy");
  a.arithmetic("add", "rdi", "rcx");
  a.move("rsi", "r11");
  a.jump("token");
}

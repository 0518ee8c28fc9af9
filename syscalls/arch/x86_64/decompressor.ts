/** The first half of the unpacker: from tokens (syscalls/pack/tokens.ts) to the bytes that they stand for. */

import { SHORTEST, SYMBOL } from "../../pack/tokens.ts";
import { LONGEST_CODE, RUN } from "../../pack/prefix-code.ts";
import type { Assembler, Register } from "./assembler.ts";
import { immediate, requireRoom, takeByte } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** An entry of a code for each value of its longest bits: the symbol, and above it the length. */
const ENTRY = { size: 2, length: 12, symbol: 0xfff } as const;
export const CODE_SIZE = ENTRY.size << LONGEST_CODE;
/** Two of symbols, and that of distances. */
export const CODES_SIZE = 3 * CODE_SIZE;

/** Its two subroutines. Nothing may run into them. */
export function writeDecompressor(a: Assembler, packing: Packing): void {
  const set = immediate(a);
  writeCodeReader(a, set);
  writeTokens(a, set, packing);
}

/**
 * "read a code": from its description between rsi and r11, to [rdi]; both go on.
 * For each length in turn, since shorter codes come first, and for each symbol
 * of this length its entries.
 */
function writeCodeReader(a: Assembler, set: Immediate): void {
  a.label("read a code");
  a.move("r10", "rsi");
  a.move("r9", "rdi");
  a.addImmediate("r9", CODE_SIZE);
  set("rax", 1 << ENTRY.length);
  set("r13", 1 << (LONGEST_CODE - 1));
  a.label("length");
  a.move("rsi", "r10");
  a.move("rbx", "rax");
  a.shiftImmediate("right", "rbx", ENTRY.length);
  a.label("run");
  a.arithmetic("compare", "rsi", "r11");
  a.jumpIf("aboveOrEqual", "end of a length");
  takeByte(a, "rdx");
  a.move("r8", "rdx");
  a.andImmediate("r8", RUN.most - 1);
  a.addImmediate("r8", 1);
  a.shiftImmediate("right", "rdx", RUN.lengthShift);
  a.arithmetic("compare", "rdx", "rbx");
  a.jumpIf("equal", "entries");
  a.arithmetic("add", "rax", "r8");
  a.jump("run");
  a.label("entries");
  a.move("rcx", "r13");
  a.arithmetic("add", "rcx", "rcx");
  requireRoom(a, "rdi", "r9");
  a.move("rcx", "r13");
  a.fillWords();
  a.addImmediate("rax", 1);
  a.addImmediate("r8", -1);
  a.jumpIf("notEqual", "entries");
  a.jump("run");
  a.label("end of a length");
  a.move("rax", "rbx");
  a.addImmediate("rax", 1);
  a.shiftImmediate("left", "rax", ENTRY.length);
  a.shiftImmediate("right", "r13", 1);
  a.jumpIf("notEqual", "length");
  a.arithmetic("compare", "rdi", "r9");
  a.jumpIf("notEqual", "damaged");
  a.return();
}

/** "perform tokens": those at [rsi], to [rdi] and up to r9, by the code of symbols at r10. The next bits are rbp's highest, rbx of them. */
function writeTokens(a: Assembler, set: Immediate, packing: Packing): void {
  a.label("perform tokens");
  // Bits are read ahead: up to eight bytes of what is behind the tokens.
  set("r8", packing.checksum + 8);
  set("r14", packing.buffer);
  set("r15", packing.memory + 2 * CODE_SIZE);
  a.clear("rbp");
  a.clear("rbx");
  a.clear("r13");
  a.label("token");
  a.arithmetic("compare", "rdi", "r9");
  a.jumpIf("aboveOrEqual", "all tokens");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("above", "damaged");
  writeMoreBits(a, set);
  writeSymbol(a, "r10");
  a.compareImmediate("rax", SYMBOL.copy);
  a.jumpIf("aboveOrEqual", "copied bytes");
  a.store("rdi", 0, "rax", 1);
  a.addImmediate("rdi", 1);
  a.jump("token");
  a.label("copied bytes");
  a.addImmediate("rax", -SYMBOL.copy);
  a.call("rest of a number");
  a.move("r11", "rax");
  writeSymbol(a, "r15");
  a.call("rest of a number");
  a.compareImmediate("rax", 0);
  a.jumpIf("equal", "the last distance");
  a.move("r13", "rax");
  a.label("the last distance");
  a.move("rcx", "r11");
  a.addImmediate("rcx", SHORTEST);
  requireRoom(a, "rdi", "r9");
  a.move("r11", "rsi");
  a.move("rsi", "rdi");
  a.arithmetic("subtract", "rsi", "r13");
  a.arithmetic("compare", "rsi", "r14");
  a.jumpIf("below", "damaged");
  writeCopy(a);
  a.label("all tokens");
  a.return();
  writeNumbers(a, set);
}

/** More bits into rbp: at least 56, and a token takes fewer. */
function writeMoreBits(a: Assembler, set: Immediate): void {
  a.load("rax", "rsi", 0);
  a.swapBytes("rax");
  a.move("rcx", "rbx");
  a.shift("right", "rax");
  a.arithmetic("or", "rbp", "rax");
  set("rax", 63);
  a.arithmetic("subtract", "rax", "rbx");
  a.shiftImmediate("right", "rax", 3);
  a.arithmetic("add", "rsi", "rax");
  a.orImmediate("rbx", 56);
}

/** The subroutine "rest of a number": rax = the number whose first part it is. */
function writeNumbers(a: Assembler, set: Immediate): void {
  a.label("rest of a number");
  a.compareImmediate("rax", 2);
  a.jumpIf("below", "whole number");
  a.move("rcx", "rax");
  a.addImmediate("rcx", -1);
  set("rax", 1);
  a.shiftIn("rax", "rbp");
  a.shift("left", "rbp");
  a.arithmetic("subtract", "rbx", "rcx");
  a.label("whole number");
  a.return();
}

/** rax = the next symbol of the code. */
function writeSymbol(a: Assembler, code: Register): void {
  a.move("rax", "rbp");
  a.shiftImmediate("right", "rax", 64 - LONGEST_CODE);
  a.arithmetic("add", "rax", "rax");
  a.arithmetic("add", "rax", code);
  a.load("rax", "rax", 0, ENTRY.size);
  a.move("rcx", "rax");
  a.shiftImmediate("right", "rcx", ENTRY.length);
  a.shift("left", "rbp");
  a.arithmetic("subtract", "rbx", "rcx");
  a.andImmediate("rax", ENTRY.symbol);
}

/**
 * Copies rcx bytes, at least one: in words where the distance is no less, up to
 * seven bytes too many, which stand behind the end. They are few: `rep movs`
 * would take longer to begin.
 */
function writeCopy(a: Assembler): void {
  a.compareImmediate("r13", 8);
  a.jumpIf("aboveOrEqual", "words of a copy");
  a.copyBytes();
  a.move("rsi", "r11");
  a.jump("token");
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

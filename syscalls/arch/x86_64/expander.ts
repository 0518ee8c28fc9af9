/** The second half of the unpacker: from shapes and sections (syscalls/pack/form.ts) to records and bytes. */

import {
  FIRST_WORD,
  NUMBER,
  ROW,
  ROW_SIZE,
  SECTION,
  SECTION_SIZE,
  SHAPE_SIZE,
  WORD_MASK,
} from "../../pack/form.ts";
import { RECORD } from "../../record.ts";
import type { Assembler } from "./assembler.ts";
import { immediate, requireRoom, takeByte } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** The subroutine "unpack sections", up to one of nothing: rsi = the first, then the one behind. Nothing may run into it. */
export function writeSections(a: Assembler, packing: Packing): void {
  a.label("unpack sections");
  writeExpansion(a, immediate(a), packing);
  writeLongNumber(a);
}

/** Lays out the sections: see form.ts. */
function writeExpansion(
  a: Assembler,
  set: Immediate,
  { buffer, bufferEnd, shapes, image, imageEnd }: Packing,
): void {
  set("r8", bufferEnd);
  set("r9", imageEnd);
  set("r15", buffer);
  a.label("section");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("aboveOrEqual", "all sections");
  a.load("r10", "rsi", SECTION.records, 4);
  a.load("r13", "rsi", SECTION.bytes, 4);
  a.load("rax", "rsi", SECTION.at, 4);
  a.move("r14", "rsi");
  a.addImmediate("r14", SECTION.rows);
  a.addImmediate("rsi", SECTION_SIZE);
  set("rcx", RECORD.size);
  a.multiply("rcx", "r10");
  a.arithmetic("add", "rcx", "r13");
  a.compareImmediate("rcx", 0);
  a.jumpIf("equal", "later sections");
  set("rdi", image);
  a.arithmetic("add", "rdi", "rax");
  requireRoom(a, "rdi", "r9");
  a.label("record");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("above", "damaged");
  a.compareImmediate("r10", 0);
  a.jumpIf("equal", "bytes");
  writeRecord(a, shapes);
  a.addImmediate("rdi", RECORD.size);
  a.addImmediate("r10", -1);
  a.jump("record");
  a.label("bytes");
  a.move("rcx", "r13");
  requireRoom(a, "rsi", "r8");
  a.copyBytes();
  a.jump("section");
  a.label("all sections");
  a.jumpIf("notEqual", "damaged");
  a.label("later sections");
  a.store("r8", 0, "rsi");
  a.return();
}

/** One record, from [rsi] to [rdi]; the section's rows are at r14, the shapes at r15. */
function writeRecord(a: Assembler, shapes: number): void {
  takeByte(a, "rax");
  a.compareImmediate("rax", NUMBER.two);
  a.jumpIf("below", "short number of the shape");
  a.call("long number");
  a.label("short number of the shape");
  a.compareImmediate("rax", shapes);
  a.jumpIf("aboveOrEqual", "damaged");
  a.moveImmediate("rcx", BigInt(SHAPE_SIZE));
  a.multiply("rax", "rcx");
  a.arithmetic("add", "rax", "r15");
  a.load("rcx", "rax", 0);
  a.store("rdi", 0, "rcx");
  a.load("rbx", "rax", RECORD.argument, 4);
  a.moveImmediate("rbp", BigInt(FIRST_WORD));
  a.label("word");
  a.compareImmediate("rbx", 0);
  a.jumpIf("equal", "last word");
  a.move("r11", "rbx");
  a.andImmediate("r11", 0xf);
  a.shiftImmediate("right", "rbx", 4);
  a.shiftImmediate("left", "r11", Math.log2(ROW_SIZE));
  a.arithmetic("add", "r11", "r14");
  a.load("rax", "r11", 0);
  a.compareImmediate("rax", 0);
  a.jumpIf("equal", "no number");
  takeByte(a, "rax");
  a.compareImmediate("rax", NUMBER.two);
  a.jumpIf("below", "short number");
  a.call("long number");
  a.label("short number");
  a.load("rcx", "r11", 0);
  a.multiply("rax", "rcx");
  a.label("no number");
  a.load("rcx", "r11", 8);
  a.arithmetic("add", "rax", "rcx");
  a.move("rcx", "rdi");
  a.arithmetic("add", "rcx", "rbp");
  a.store("rcx", RECORD.argument, "rax");
  a.addImmediate("rbp", 8);
  a.andImmediate("rbp", WORD_MASK);
  a.jump("word");
  a.label("last word");
  a.load("rax", "rdi", RECORD.target);
  a.compareImmediate("rax", 0);
  a.jumpIf("equal", "no target");
  a.store("r14", ROW.target * ROW_SIZE + 8, "rax");
  a.label("no target");
  a.load("rax", "r14", ROW.later * ROW_SIZE + 8);
  a.addImmediate("rax", RECORD.size);
  a.store("r14", ROW.later * ROW_SIZE + 8, "rax");
  a.store("r14", ROW.earlier * ROW_SIZE + 8, "rax");
}

/** The subroutine "long number": rax = the number that begins with rax, and goes on at [rsi]. */
function writeLongNumber(a: Assembler): void {
  a.label("long number");
  a.moveImmediate("rcx", 1n);
  a.compareImmediate("rax", NUMBER.more);
  a.jumpIf("below", "upper part");
  a.move("rcx", "rax");
  a.addImmediate("rcx", 1 - NUMBER.more);
  a.moveImmediate("rax", BigInt(NUMBER.two));
  a.label("upper part");
  a.addImmediate("rax", -NUMBER.two);
  a.label("next byte");
  a.shiftImmediate("left", "rax", 8);
  takeByte(a, "rdx");
  a.arithmetic("or", "rax", "rdx");
  a.addImmediate("rcx", -1);
  a.jumpIf("notEqual", "next byte");
  a.return();
}

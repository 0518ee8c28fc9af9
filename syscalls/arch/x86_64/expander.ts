/** The second half of the unpacker: from shapes and sections (syscalls/pack/form.ts) to records and bytes. */

import {
  NUMBER,
  ROW,
  ROW_SIZE,
  ROWS_SIZE,
  SECTION,
  SHAPE_SIZE,
} from "../../pack/form.ts";
import { RECORD } from "../../record.ts";
import type { Assembler } from "./assembler.ts";
import { immediate, requireRoom, takeByte } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";

/** From the shapes' columns at [rsi] to shapes; rsi is behind them then. */
export function writeColumns(
  a: Assembler,
  set: Immediate,
  { shapes, shapeCount }: Packing,
): void {
  set("rdx", shapes);
  set("rcx", SHAPE_SIZE);
  a.label("column");
  a.move("rdi", "rdx");
  set("r8", shapeCount);
  a.label("byte of a shape");
  takeByte(a, "rax");
  a.store("rdi", 0, "rax", 1);
  a.addImmediate("rdi", SHAPE_SIZE);
  a.addImmediate("r8", -1);
  a.jumpIf("notEqual", "byte of a shape");
  a.addImmediate("rdx", 1);
  a.addImmediate("rcx", -1);
  a.jumpIf("notEqual", "column");
}

/** The subroutine "unpack sections": those between rsi and r8, whose bytes are at r15. Nothing may run into it. */
export function writeSections(a: Assembler, packing: Packing): void {
  a.label("unpack sections");
  writeExpansion(a, immediate(a), packing);
  writeLongNumber(a);
}

/** Lays out the sections: see form.ts. */
function writeExpansion(
  a: Assembler,
  set: Immediate,
  { rows, shapes, shapeCount, streams, image, imageEnd }: Packing,
): void {
  set("r9", imageEnd);
  a.label("section");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("aboveOrEqual", "all sections");
  a.load("r10", "rsi", SECTION.records, 4);
  a.load("r13", "rsi", SECTION.bytes, 4);
  a.load("rax", "rsi", SECTION.at, 4);
  a.addImmediate("rsi", SECTION.rows);
  set("rcx", RECORD.size);
  a.multiply("rcx", "r10");
  a.arithmetic("add", "rcx", "r13");
  set("rdi", image);
  a.arithmetic("add", "rdi", "rax");
  requireRoom(a, "rdi", "r9");
  a.compareImmediate("r10", 0);
  a.jumpIf("equal", "bytes");
  // They change, but what comes later may be a copy of them.
  a.move("r14", "rdi");
  set("rdi", rows);
  set("rcx", ROWS_SIZE);
  a.copyBytes();
  a.move("rdi", "r14");
  set("r14", rows);
  a.label("record");
  a.arithmetic("compare", "rsi", "r8");
  a.jumpIf("above", "damaged");
  writeRecord(a, set, { shapes, shapeCount });
  a.addImmediate("rdi", RECORD.size);
  a.addImmediate("r10", -1);
  a.jumpIf("notEqual", "record");
  a.jump("section");
  a.label("bytes");
  a.move("rcx", "r13");
  set("rax", streams.at(-1)!);
  requireRoom(a, "r15", "rax");
  a.move("rax", "rsi");
  a.move("rsi", "r15");
  a.copyBytes();
  a.move("r15", "rsi");
  a.move("rsi", "rax");
  a.jump("section");
  a.label("all sections");
  a.jumpIf("notEqual", "damaged");
  a.return();
}

/** One record, from [rsi] to [rdi]; the section's rows are at r14. */
function writeRecord(
  a: Assembler,
  set: Immediate,
  { shapes, shapeCount }: Pick<Packing, "shapes" | "shapeCount">,
): void {
  takeByte(a, "rax");
  a.compareImmediate("rax", NUMBER.two);
  a.jumpIf("below", "short number of the shape");
  a.call("long number");
  a.label("short number of the shape");
  a.compareImmediate("rax", shapeCount);
  a.jumpIf("aboveOrEqual", "damaged");
  set("rcx", SHAPE_SIZE);
  a.multiply("rax", "rcx");
  set("rcx", shapes);
  a.arithmetic("add", "rax", "rcx");
  a.load("rcx", "rax", 0);
  a.store("rdi", 0, "rcx");
  a.load("rbx", "rax", RECORD.argument, 4);
  a.move("rbp", "rdi");
  a.label("word");
  a.addImmediate("rbp", 8);
  a.move("r11", "rbx");
  a.shiftImmediate("right", "rbx", 4);
  a.andImmediate("r11", 0xf);
  a.jumpIf("equal", "zero");
  writeWord(a);
  a.label("zero");
  a.compareImmediate("rbx", 0);
  a.jumpIf("notEqual", "word");
  a.load("rax", "rdi", RECORD.target);
  a.compareImmediate("rax", 0);
  a.jumpIf("equal", "no target");
  a.store("r14", ROW.target * ROW_SIZE + 8, "rax");
  a.label("no target");
  a.load("rax", "r14", ROW.record * ROW_SIZE + 8);
  a.addImmediate("rax", RECORD.size);
  a.store("r14", ROW.record * ROW_SIZE + 8, "rax");
}

/** The word at [rbp], of the row r11. */
function writeWord(a: Assembler): void {
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
  // The lowest bit is the sign.
  a.move("rcx", "rax");
  a.shiftImmediate("right", "rax", 1);
  a.andImmediate("rcx", 1);
  a.clear("rdx");
  a.arithmetic("subtract", "rdx", "rcx");
  a.arithmetic("xor", "rax", "rdx");
  a.load("rcx", "r11", 0);
  a.multiply("rax", "rcx");
  a.label("no number");
  a.load("rcx", "r11", 8);
  a.arithmetic("add", "rax", "rcx");
  a.move("rcx", "r14");
  a.addImmediate("rcx", ROW.slot * ROW_SIZE);
  a.arithmetic("compare", "r11", "rcx");
  a.jumpIf("below", "base stays");
  a.store("r11", 8, "rax");
  a.label("base stays");
  a.store("rbp", 0, "rax");
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

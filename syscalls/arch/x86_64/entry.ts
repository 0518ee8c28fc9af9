/**
 * The entry of an executable that is a Program: unpacks it if it is packed, gets
 * memory for the state, plays the Program, and jumps to the address that its
 * `stop` gives, on the stack that the Program has chosen. elf(5); nothing has run
 * in the process before.
 */

import { MAP, PROT } from "../../constants/memory.table.ts";
import { union } from "../../flags.ts";
import { Assembler } from "./assembler.ts";
import { writeDecompressor } from "./decompressor.ts";
import { SYSCALL } from "./numbers.table.ts";
import { writeSections } from "./expander.ts";
import { immediate } from "./packing.ts";
import type { Immediate, Packing } from "./packing.ts";
import { writePlayer } from "./player.ts";
import { writeLateUnpacker, writeUnpacker } from "./unpacker.ts";

/** Absolute addresses that the entry works with. */
export interface EntryAddresses {
  /** The memory that it maps, and its size in bytes. */
  readonly memory: number;
  readonly memorySize: number;
  /** Where in that memory the Program's state begins. */
  readonly state: number;
  /** The state's first content (a constant), and its size in bytes. */
  readonly stateImage: number;
  readonly stateImageSize: number;
  /** The first record. */
  readonly program: number;
  /** Where the address of the stack goes, and where that of the next stack is found. */
  readonly stack: number;
  readonly nextStack: number;
  /** Where the address of the player goes, or null. */
  readonly player: number | null;
  /** Where the Program is packed, or null: it stands in the file as it is played. */
  readonly packing: PackedProgram | null;
}

/** A Program that stops when it wants the rest of itself, and goes on there. */
export interface PackedProgram extends Packing {
  /** Where the address goes at which it stops then. */
  readonly late: number;
  /** The record with which it goes on. */
  readonly rest: number;
}

/** What is said where there is no memory at a wanted address, and of a damaged file; and the exit status. */
const NO_MEMORY =
  "selfdock: Cannot start: there is too little memory for it (ulimit -v, ulimit -d)\n";
const DAMAGED =
  "selfdock: Cannot start: this file is damaged\nselfdock: hint: bake it again\n";
const CANNOT = 124;
const STANDARD_ERROR = 2;

/** The code of the entry, followed by the player. Position independent. */
export function assembleEntry(addresses: EntryAddresses): Uint8Array {
  const a = new Assembler();
  const { packing } = addresses;
  const set = immediate(a);
  // r12 keeps the stack as the kernel left it: argc is there.
  a.move("r12", "rsp");
  if (packing !== null) writeUnpacker(a, packing);
  set("rdi", addresses.memory);
  set("rsi", addresses.memorySize);
  a.call("map memory");
  set("rdi", addresses.state);
  set("rsi", addresses.stateImage);
  set("rcx", addresses.stateImageSize);
  a.copyBytes();
  set("rax", addresses.stack);
  a.store("rax", 0, "r12");
  if (addresses.player !== null) {
    set("rcx", addresses.player);
    a.addressOf("rax", "play");
    a.store("rcx", 0, "rax");
  }
  if (packing !== null) {
    set("rcx", packing.late);
    a.addressOf("rax", "the rest");
    a.store("rcx", 0, "rax");
  }
  set("rdi", addresses.program);
  a.label("begin");
  set("rsi", addresses.state);
  a.call("play");
  set("rcx", addresses.nextStack);
  a.load("rsp", "rcx", 0);
  a.clear("rdx"); // the ABI's "no function to call at exit"
  a.jumpTo("rax");
  writeMapping(a, set);
  writeRefusal(a, "no memory", NO_MEMORY);
  writeEnd(a, set);
  if (packing !== null) {
    writeRefusal(a, "damaged", DAMAGED);
    a.label("the rest");
    writeLateUnpacker(a, packing);
    set("rdi", packing.rest);
    a.jump("begin");
    writeDecompressor(a, packing);
    writeSections(a, packing);
  }
  writePlayer(a);
  return a.finish();
}

/** The subroutine "map memory": rsi bytes at rdi and nowhere else. */
function writeMapping(a: Assembler, set: Immediate): void {
  a.label("map memory");
  set("rdx", union(PROT.READ, PROT.WRITE));
  set("r10", union(MAP.PRIVATE, MAP.ANONYMOUS, MAP.FIXED_NOREPLACE));
  set("r8", -1);
  set("r9", 0);
  set("rax", SYSCALL.mmap);
  a.systemCall();
  // Anything but the wanted address is a failure, an old kernel's other choice included.
  a.arithmetic("compare", "rax", "rdi");
  a.jumpIf("notEqual", "no memory");
  a.return();
}

/** Says so, and ends the process. */
function writeRefusal(a: Assembler, name: string, text: string): void {
  const place = `text: ${name}`;
  a.label(name);
  a.addressOf("rsi", place);
  a.moveImmediate("rdx", BigInt(text.length));
  a.jump("end");
  a.label(place);
  a.data(Buffer.from(text, "latin1"));
}

/** Says the rdx bytes at rsi, and ends the process. */
function writeEnd(a: Assembler, set: Immediate): void {
  a.label("end");
  set("rdi", STANDARD_ERROR);
  set("rax", SYSCALL.write);
  a.systemCall();
  set("rdi", CANNOT);
  set("rax", SYSCALL.exit_group);
  a.systemCall();
}

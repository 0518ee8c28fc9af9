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
import type { Packing } from "./packing.ts";
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

/** Where there is no memory at the wanted address: what is said, and the exit status. */
const NO_MEMORY =
  "selfdock: Cannot start: there is too little memory for it (ulimit -v, ulimit -d)\n";
const DAMAGED =
  "selfdock: Cannot start: this file is damaged\nselfdock: hint: bake it again\n";
const CANNOT = 124n;
const STANDARD_ERROR = 2n;

/** The code of the entry, followed by the player. Position independent. */
export function assembleEntry(addresses: EntryAddresses): Uint8Array {
  const a = new Assembler();
  const immediate = (
    register: "rdi" | "rsi" | "rdx" | "rax" | "rcx" | "r8" | "r9" | "r10",
    value: number,
  ) => a.moveImmediate(register, BigInt.asUintN(64, BigInt(value)));
  // r12 keeps the stack as the kernel left it: argc is there.
  a.move("r12", "rsp");
  if (addresses.packing !== null) writeUnpacker(a, addresses.packing);
  immediate("rdi", addresses.memory);
  immediate("rsi", addresses.memorySize);
  immediate("rdx", union(PROT.READ, PROT.WRITE));
  immediate("r10", union(MAP.PRIVATE, MAP.ANONYMOUS, MAP.FIXED_NOREPLACE));
  immediate("r8", -1);
  immediate("r9", 0);
  immediate("rax", SYSCALL.mmap);
  a.systemCall();
  // Anything but the wanted address is a failure, an old kernel's other choice included.
  immediate("rdi", addresses.memory);
  a.arithmetic("compare", "rax", "rdi");
  a.jumpIf("notEqual", "no memory");
  immediate("rdi", addresses.state);
  immediate("rsi", addresses.stateImage);
  immediate("rcx", addresses.stateImageSize);
  a.copyBytes();
  immediate("rax", addresses.stack);
  a.store("rax", 0, "r12");
  if (addresses.player !== null) {
    immediate("rcx", addresses.player);
    a.addressOf("rax", "play");
    a.store("rcx", 0, "rax");
  }
  if (addresses.packing !== null) {
    immediate("rcx", addresses.packing.late);
    a.addressOf("rax", "the rest");
    a.store("rcx", 0, "rax");
  }
  immediate("rdi", addresses.program);
  a.label("begin");
  immediate("rsi", addresses.state);
  a.call("play");
  immediate("rcx", addresses.nextStack);
  a.load("rsp", "rcx", 0);
  a.clear("rdx"); // the ABI's "no function to call at exit"
  a.jumpTo("rax");
  a.label("no memory");
  writeRefusal(a, "too little memory", NO_MEMORY);
  if (addresses.packing !== null) {
    a.label("damaged");
    writeRefusal(a, "damage", DAMAGED);
    a.label("the rest");
    writeLateUnpacker(a, addresses.packing);
    immediate("rdi", addresses.packing.rest);
    a.jump("begin");
    writeDecompressor(a, addresses.packing);
    writeSections(a, addresses.packing);
  }
  writePlayer(a);
  return a.finish();
}

/** Says so, and ends the process. */
function writeRefusal(a: Assembler, name: string, text: string): void {
  a.moveImmediate("rdi", STANDARD_ERROR);
  a.addressOf("rsi", name);
  a.moveImmediate("rdx", BigInt(text.length));
  a.moveImmediate("rax", BigInt(SYSCALL.write));
  a.systemCall();
  a.moveImmediate("rdi", CANNOT);
  a.moveImmediate("rax", BigInt(SYSCALL.exit_group));
  a.systemCall();
  a.label(name);
  a.data(Buffer.from(text, "latin1"));
}

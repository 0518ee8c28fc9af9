/**
 * The player: performs records (syscalls/record.ts) until a `stop`.
 *
 *     u64 play(first record, state)      the System V calling convention
 *
 * Security model: this is all the code that runs between a clone and an exec,
 * and all of it that ever runs with privilege. It holds no policy. Between its
 * first and last instruction it uses registers only, never the stack (but to
 * perform another Program from within one, which begins before any clone): after
 * clone3 with CLONE_VM the child borrows the parent's, which is asleep in the
 * middle of it. Only the parent may reach a `stop`; a child leaves by execve
 * or exit.
 */

import {
  ARGUMENTS,
  CONTROL,
  FLAG_CONTINUE,
  FLAG_FAULT,
  MAX_ERRNO,
  RECORD,
  STATE,
} from "../../record.ts";
import type { Control } from "../../record.ts";
import { Assembler } from "./assembler.ts";
import type { Register, Width } from "./assembler.ts";

/** Where the kernel takes the arguments of a system call. */
const ARGUMENT_REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;
/** The record being performed, and the state: registers that a system call keeps. */
const RECORD_REGISTER: Register = "rbx";
const STATE_REGISTER: Register = "rbp";

/** The machine code of the player; position independent. */
export function assemblePlayer(): Uint8Array {
  const a = new Assembler();
  writePlayer(a);
  return a.finish();
}

/** Writes the player at this place, under the label `play`. */
export function writePlayer(a: Assembler): void {
  a.label("play");
  a.push(RECORD_REGISTER);
  a.push(STATE_REGISTER);
  a.move(RECORD_REGISTER, "rdi");
  a.move(STATE_REGISTER, "rsi");
  writeFetch(a);
  writeSystemCall(a);
  writeFailure(a);
  writeDispatch(a);
  for (const operation of CONTROL) {
    a.label(operation);
    CODE[operation](a);
  }
}

/** Loads the six arguments and the operation, and tells calls from control. */
function writeFetch(a: Assembler): void {
  a.label("fetch");
  a.load("rcx", RECORD_REGISTER, RECORD.flags, 4);
  for (let i = 0; i < ARGUMENTS; i++) {
    const register = ARGUMENT_REGISTERS[i]!;
    a.load(register, RECORD_REGISTER, RECORD.argument + 8 * i);
    a.testBit("rcx", i);
    a.jumpIf("aboveOrEqual", `value${i}`); // carry clear: the argument is the value itself
    a.load(register, register, 0);
    a.label(`value${i}`);
  }
  a.load("rax", RECORD_REGISTER, RECORD.operation, 4);
  a.testBit("rax", 31);
  a.jumpIf("below", "control");
}

function writeSystemCall(a: Assembler): void {
  a.systemCall();
  a.load("rcx", RECORD_REGISTER, RECORD.result);
  a.store("rcx", 0, "rax");
  a.compareImmediate("rax", -MAX_ERRNO);
  a.jumpIf("aboveOrEqual", "failed");
  a.label("next");
  a.addImmediate(RECORD_REGISTER, RECORD.size);
  a.jump("fetch");
}

/** A failed call goes on, or elsewhere; a fault is written down first. */
function writeFailure(a: Assembler): void {
  a.label("failed");
  a.load("rcx", RECORD_REGISTER, RECORD.flags, 4);
  a.testBit("rcx", FLAG_CONTINUE);
  a.jumpIf("below", "next");
  a.testBit("rcx", FLAG_FAULT);
  a.jumpIf("aboveOrEqual", "branch");
  a.store(STATE_REGISTER, STATE.faultRecord, RECORD_REGISTER);
  a.store(STATE_REGISTER, STATE.faultResult, "rax");
  a.label("branch");
  a.load(RECORD_REGISTER, RECORD_REGISTER, RECORD.target);
  a.jump("fetch");
}

/** The low byte of the operation is an index into a table of distances. */
function writeDispatch(a: Assembler): void {
  a.label("control");
  a.andImmediate("rax", 0xff);
  a.addressOf("rcx", "table");
  a.loadTableEntry("rax", "rcx", "rax");
  a.arithmetic("add", "rax", "rcx");
  a.jumpTo("rax");
  a.label("result"); // every operation with a result ends here, with it in rax
  a.load("rcx", RECORD_REGISTER, RECORD.result);
  a.store("rcx", 0, "rax");
  a.jump("next");
  a.label("table");
  for (const operation of CONTROL) a.distance("table", operation);
}

function binary(operation: "add" | "subtract" | "and" | "or") {
  return (a: Assembler): void => {
    a.move("rax", "rdi");
    a.arithmetic(operation, "rax", "rsi");
    a.jump("result");
  };
}

function shift(direction: "left" | "right") {
  return (a: Assembler): void => {
    a.move("rax", "rdi");
    a.move("rcx", "rsi");
    a.shift(direction, "rax");
    a.jump("result");
  };
}

function load(width: Width) {
  return (a: Assembler): void => {
    a.arithmetic("add", "rdi", "rsi");
    a.load("rax", "rdi", 0, width);
    a.jump("result");
  };
}

function store(width: Width) {
  return (a: Assembler): void => {
    a.arithmetic("add", "rdi", "rsi");
    a.store("rdi", 0, "rdx", width);
    a.jump("next");
  };
}

function branch(condition: "equal" | "notEqual" | "less" | "below") {
  return (a: Assembler): void => {
    a.arithmetic("compare", "rdi", "rsi");
    a.jumpIf(condition, "branch");
    a.jump("next");
  };
}

const CODE: Readonly<Record<Control, (a: Assembler) => void>> = {
  set: (a) => {
    a.move("rax", "rdi");
    a.jump("result");
  },
  add: binary("add"),
  subtract: binary("subtract"),
  and: binary("and"),
  or: binary("or"),
  shiftLeft: shift("left"),
  shiftRight: shift("right"),
  load1: load(1),
  load2: load(2),
  load4: load(4),
  load8: load(8),
  store1: store(1),
  store4: store(4),
  store8: store(8),
  copy: (a) => {
    a.move("rcx", "rdx");
    a.copyBytes();
    a.jump("next");
  },
  find: (a) => {
    a.move("rcx", "rsi");
    a.move("rax", "rdx");
    a.move("r8", "rdi");
    a.compareImmediate("rcx", 0);
    a.jumpIf("equal", "not found");
    a.scanBytes();
    a.jumpIf("notEqual", "not found");
    a.move("rax", "rdi");
    a.arithmetic("subtract", "rax", "r8");
    a.addImmediate("rax", -1);
    a.jump("result");
    a.label("not found");
    a.move("rax", "rsi");
    a.jump("result");
  },
  jumpEqual: branch("equal"),
  jumpNotEqual: branch("notEqual"),
  jumpLess: branch("less"),
  jumpBelow: branch("below"),
  jump: (a) => {
    a.move(RECORD_REGISTER, "rdi");
    a.jump("fetch");
  },
  fail: (a) => {
    a.move("rax", "rdi");
    a.jump("failed");
  },
  perform: (a) => {
    a.call("play");
    a.jump("result");
  },
  stop: (a) => {
    a.move("rax", "rdi");
    a.pop(STATE_REGISTER);
    a.pop(RECORD_REGISTER);
    a.return();
  },
};

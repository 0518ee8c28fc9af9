/**
 * What a Program means, said a second time: an interpreter of its steps over a
 * simulated memory. It shares nothing with encoder and player but the meaning
 * of the operations (syscalls/record.ts), and knows no addresses of theirs.
 */

import type {
  Address,
  Data,
  Label,
  Operand,
  Program,
  Slot,
  Step,
} from "../../../syscalls/program.ts";
import type { Control } from "../../../syscalls/record.ts";
import { MAX_ERRNO } from "../../../syscalls/record.ts";
import { Memory } from "./model-memory.ts";

/** The system calls of the model: the result of each, and what it writes. */
export type Kernel = (
  step: Step,
  operands: readonly bigint[],
  memory: Memory,
) => bigint;

/** What a Program leaves. Numbers are signed. */
export interface Outcome {
  readonly value: bigint;
  readonly slots: ReadonlyMap<Slot, bigint>;
  readonly buffers: ReadonlyMap<Data, Uint8Array>;
  readonly fault: { readonly step: Step; readonly errno: number } | null;
}

const RECORD_BASE = 1n << 60n;
/** A Program of the tests that takes longer is a mistake of theirs. */
const MAX_STEPS = 100_000;

const signed = (value: bigint) => BigInt.asIntN(64, value);
const unsigned = (value: bigint) => BigInt.asUintN(64, value);

/** Performs a Program. */
export function interpret(program: Program, kernel: Kernel): Outcome {
  const machine = new Machine(program, kernel);
  for (let left = MAX_STEPS; left > 0; left--) {
    const value = machine.perform();
    if (value !== null) return machine.outcome(signed(value));
  }
  throw new RangeError("the Program does not end");
}

class Machine {
  readonly #program: Program;
  readonly #kernel: Kernel;
  readonly #memory = new Memory();
  readonly #slots: bigint;
  readonly #places = new Map<Data, bigint>();
  #next = 0;
  #fault: Outcome["fault"] = null;

  constructor(program: Program, kernel: Kernel) {
    this.#program = program;
    this.#kernel = kernel;
    this.#slots = this.#memory.add(new Uint8Array(8 * program.slots.length));
    for (const data of program.data) {
      const bytes = new Uint8Array(data.size);
      bytes.set(data.bytes);
      this.#places.set(data, this.#memory.add(bytes));
    }
    for (const data of program.data)
      for (const { at, to } of data.pointers)
        this.#memory.write(
          this.#places.get(data)! + BigInt(at),
          8,
          this.#address(to),
        );
  }

  /** One step; the value of a `stop`. */
  perform(): bigint | null {
    const step = this.#program.steps[this.#next]!;
    const operands = step.operands.map((operand) => this.#value(operand));
    this.#next += 1;
    if (step.isCall) this.#call(step, operands);
    else if (step.operation === "stop") return operands[0]!;
    else this.#control(step, operands);
    return null;
  }

  outcome(value: bigint): Outcome {
    const { slots, data } = this.#program;
    const buffers = data.filter(({ writable }) => writable);
    return {
      value,
      slots: new Map(slots.map((slot) => [slot, this.#read(slot)])),
      buffers: new Map(
        buffers.map((each) => [
          each,
          this.#memory.at(this.#places.get(each)!, each.size),
        ]),
      ),
      fault: this.#fault,
    };
  }

  #call(step: Step, operands: readonly bigint[]): void {
    const result = this.#kernel(step, operands, this.#memory);
    this.#keep(step, result);
    if (result < 0n && result >= -BigInt(MAX_ERRNO)) this.#fail(step, result);
  }

  #fail(step: Step, result: bigint): void {
    if (step.failure === "continue") return;
    if (step.failure === "fault")
      this.#fault = { step, errno: -Number(signed(result)) };
    this.#goTo(step.target!);
  }

  #control(step: Step, [a = 0n, b = 0n, c = 0n]: readonly bigint[]): void {
    const operation = step.operation as Control;
    const memory = this.#memory;
    const width = Number(/\d$/.exec(operation)?.[0] ?? 0);
    const branch = BRANCHES[operation];
    const binary = BINARIES[operation];
    if (binary !== undefined) this.#keep(step, binary(a, b));
    else if (branch !== undefined) {
      if (branch(a, b)) this.#goTo(step.target!);
    } else if (operation.startsWith("load"))
      this.#keep(step, memory.read(unsigned(a + b), width));
    else if (operation.startsWith("store"))
      memory.write(unsigned(a + b), width, c);
    else if (operation === "copy") this.#copy(a, b, c);
    else if (operation === "find") {
      const found = memory.at(a, Number(b)).indexOf(Number(c & 0xffn));
      this.#keep(step, found < 0 ? b : BigInt(found));
    } else if (operation === "jump")
      this.#next = Number((a - RECORD_BASE) / 72n);
    else if (operation === "fail") this.#fail(step, a);
    else throw new RangeError(`the model has no ${operation}`);
  }

  /** Byte by byte from the first on, which shows where the places overlap. */
  #copy(to: bigint, from: bigint, size: bigint): void {
    for (let i = 0n; i < size; i++)
      this.#memory.write(to + i, 1, this.#memory.read(from + i, 1));
  }

  #goTo(label: Label): void {
    this.#next = this.#program.labels.get(label)!;
  }

  #keep({ result }: Step, value: bigint): void {
    const slot = result ?? this.#program.slots[0]!;
    this.#memory.write(this.#slots + BigInt(8 * slot.index), 8, value);
  }

  #read(slot: Slot): bigint {
    return signed(this.#memory.read(this.#slots + BigInt(8 * slot.index), 8));
  }

  #value(operand: Operand): bigint {
    if (typeof operand !== "object") return unsigned(BigInt(operand));
    switch (operand.kind) {
      case "shown":
        return unsigned(BigInt(operand.value));
      case "slot":
        return unsigned(this.#read(operand));
      case "label":
        return RECORD_BASE + 72n * BigInt(this.#program.labels.get(operand)!);
      case "data":
      case "address":
        return this.#address(operand);
    }
  }

  #address(to: Data | Address): bigint {
    if (to.kind === "data") return this.#places.get(to)!;
    const offset = BigInt(to.offset);
    return to.of.kind === "slot"
      ? this.#slots + BigInt(8 * to.of.index) + offset
      : this.#places.get(to.of)! + offset;
  }
}

const BINARIES: Partial<Record<Control, (a: bigint, b: bigint) => bigint>> = {
  set: (a) => a,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  // The processor takes the count modulo 64.
  shiftLeft: (a, b) => a << (b & 63n),
  shiftRight: (a, b) => a >> (b & 63n),
};

const BRANCHES: Partial<Record<Control, (a: bigint, b: bigint) => boolean>> = {
  jumpEqual: (a, b) => a === b,
  jumpNotEqual: (a, b) => a !== b,
  jumpLess: (a, b) => signed(a) < signed(b),
  jumpBelow: (a, b) => a < b,
};

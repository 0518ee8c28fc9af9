/**
 * Builds a Program step by step. The functions of `calls/` and `control.ts`
 * are written on `call` and `control`; planners use those, so that no bare
 * system call stands in a plan.
 */

import type { SyscallName } from "./arch/x86_64/numbers.table.ts";
import type { Control } from "./record.ts";
import type {
  Data,
  Failure,
  Label,
  Name,
  Operand,
  Part,
  Pointer,
  Program,
  Slot,
  Step,
} from "./program.ts";

/** How a call's result is kept and its failure taken. */
export interface CallOptions {
  /** The name of a new slot for the result, or the slot itself. */
  readonly result?: string | Slot;
  /** `fault` where nothing is said. */
  readonly failure?: Failure;
  /** What the step is about, for messages. */
  readonly subject?: string;
}

const NOTHING = new Uint8Array(0);

export class ProgramBuilder {
  readonly #steps: Step[] = [];
  readonly #labels = new Map<Label, number>();
  readonly #slots: Slot[] = [];
  readonly #data: Data[] = [];
  readonly #parts: Part[] = [];
  readonly #texts = new Map<string, Data>();
  readonly #discard = this.slot("discarded");
  readonly #context = this.slot("context");
  #part: Part | null = null;
  #faultsTo: Label | null = null;

  /** A new 64-bit variable. */
  slot(name: string): Slot {
    const slot: Slot = { kind: "slot", name, index: this.#slots.length };
    this.#slots.push(slot);
    return slot;
  }

  /** Bytes that nothing changes. */
  constant(
    name: Name,
    bytes: Uint8Array,
    pointers: readonly Pointer[] = [],
  ): Data {
    return this.#add({
      kind: "data",
      name,
      text: null,
      writable: false,
      size: bytes.length,
      bytes,
      pointers,
    });
  }

  /** Bytes that steps or the kernel write: a size, or the first content. */
  buffer(
    name: Name,
    content: number | Uint8Array,
    pointers: readonly Pointer[] = [],
  ): Data {
    const bytes = typeof content === "number" ? NOTHING : content;
    const size = typeof content === "number" ? content : content.length;
    return this.#add({
      kind: "data",
      name,
      text: null,
      writable: true,
      size,
      bytes,
      pointers,
    });
  }

  /** A constant NUL-terminated string, one byte in each character; equal ones are one. */
  text(value: string): Data {
    let data = this.#texts.get(value);
    if (data === undefined) {
      const bytes = Buffer.from(`${value}\0`, "latin1");
      const rest = { writable: false, size: bytes.length, pointers: [] };
      const text = { name: value, text: value, bytes, ...rest };
      data = this.#add({ kind: "data", ...text });
      this.#texts.set(value, data);
    }
    return data;
  }

  label(name: string): Label {
    return { kind: "label", name };
  }

  /** Puts a label before the next step. */
  place(label: Label): void {
    if (this.#labels.has(label))
      throw new RangeError(`label ${label.name} is placed twice`);
    this.#labels.set(label, this.#steps.length);
  }

  /** The steps that `body` writes serve one purpose, named by an action for messages and print. */
  part<T>(action: string, body: () => T): T {
    const outer = this.#part;
    this.#part = { index: this.#parts.length, action };
    this.#parts.push(this.#part);
    try {
      return body();
    } finally {
      this.#part = outer;
    }
  }

  /** Faults of the steps that `body` writes go on at `label`. */
  faultsTo<T>(label: Label, body: () => T): T {
    const outer = this.#faultsTo;
    this.#faultsTo = label;
    try {
      return body();
    } finally {
      this.#faultsTo = outer;
    }
  }

  /** A system call; its result is the slot. */
  call(
    operation: SyscallName,
    operands: readonly Operand[],
    options: CallOptions = {},
  ): Slot {
    const { result, failure = "fault", subject = null } = options;
    const slot =
      typeof result === "string"
        ? this.slot(result)
        : (result ?? this.#discard);
    const target =
      failure === "fault"
        ? this.#faultsTo
        : failure === "continue"
          ? null
          : failure;
    if (failure === "fault" && target === null)
      throw new RangeError(`${operation} has nowhere to fail to`);
    this.#step({
      operation,
      isCall: true,
      operands,
      result: slot,
      failure,
      target,
      subject,
    });
    return slot;
  }

  /** A control operation; see CONTROL in record.ts. */
  control(
    operation: Control,
    operands: readonly Operand[],
    where: { result?: Slot; target?: Label } = {},
  ): void {
    const { result = null, target = null } = where;
    this.#step({
      operation,
      isCall: false,
      operands,
      result,
      failure: "fault",
      target,
      subject: null,
    });
  }

  /** Ends the Program with an errno as if a call had returned it. */
  fail(errno: number, subject: string): void {
    const target = this.#faultsTo;
    if (target === null) throw new RangeError("a failure has nowhere to go");
    const step = {
      operation: "fail",
      isCall: false,
      operands: [-errno],
      result: null,
    } as const;
    this.#step({ ...step, failure: "fault", target, subject });
  }

  /** Remembers the present part as the one on whose behalf a subroutine runs. */
  enterContext(): void {
    this.control("set", [this.#current().index], { result: this.#context });
  }

  /** The finished Program. Throws RangeError for a label that was never placed. */
  finish(): Program {
    for (const { target, operands } of this.#steps) {
      for (const label of [target, ...operands]) {
        if (
          typeof label === "object" &&
          label?.kind === "label" &&
          !this.#labels.has(label)
        )
          throw new RangeError(`label ${label.name} is nowhere`);
      }
    }
    return {
      steps: this.#steps,
      labels: this.#labels,
      slots: this.#slots,
      data: this.#data,
      parts: this.#parts,
      context: this.#context,
    };
  }

  #add(data: Data): Data {
    this.#data.push(data);
    return data;
  }

  #current(): Part {
    if (this.#part === null)
      throw new RangeError("a step stands outside of every part");
    return this.#part;
  }

  #step(step: Omit<Step, "part">): void {
    this.#steps.push({ ...step, part: this.#current() });
  }
}

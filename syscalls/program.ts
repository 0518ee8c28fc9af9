/**
 * A Program: system calls and a little control between them, as data. A planner
 * writes it, `render` prints it, `encode` lays it out in memory, the player
 * performs it. Nothing here acts.
 */

import type { Control } from "./record.ts";
import type { SyscallName } from "./arch/x86_64/numbers.table.ts";

/** What a thing is called in print. Most Programs are never printed, so a name may be made when it is asked for. */
export type Name = string | (() => string);

/** A 64-bit variable of a running Program; zero before its first result. */
export interface Slot {
  readonly kind: "slot";
  readonly name: string;
  readonly index: number;
}

/** Bytes that steps point at: constant, or (writable) a buffer with its first content. */
export interface Data {
  readonly kind: "data";
  readonly name: Name;
  /** The content as it prints, if it is a text; else null, and it prints by its name. */
  readonly text: string | null;
  readonly writable: boolean;
  /** In bytes. */
  readonly size: number;
  /** The first content; zeros behind it up to the size. */
  readonly bytes: Uint8Array;
  /** Eight-byte fields of `bytes` that hold addresses. */
  readonly pointers: readonly Pointer[];
}

/** At byte `at` stands the address of `to`. */
export interface Pointer {
  readonly at: number;
  readonly to: Address | Data;
}

/** A place among the steps. */
export interface Label {
  readonly kind: "label";
  readonly name: string;
}

/** The address of something of this Program, plus an offset in bytes. */
export interface Address {
  readonly kind: "address";
  readonly of: Data | Slot;
  readonly offset: number;
}

/** A number with its meaning for a reader, as `MS_REC|MS_SLAVE`. */
export interface Shown {
  readonly kind: "shown";
  readonly value: number | bigint;
  readonly text: Name;
}

/** What a step takes: a number, the value of a slot, or the address of data or of a step. */
export type Operand = number | bigint | Shown | Slot | Data | Address | Label;

/** What happens when a call fails: a fault (the Program's end), nothing, or a jump. */
export type Failure = "fault" | "continue" | Label;

/** A run of steps with one purpose, said as an action: `mount "/data" at "/mnt"`. */
export interface Part {
  readonly index: number;
  readonly action: string;
}

/** One record. */
export interface Step {
  readonly operation: SyscallName | Control;
  readonly isCall: boolean;
  readonly operands: readonly Operand[];
  readonly result: Slot | null;
  readonly failure: Failure;
  /** Where a branch goes, or a fault. */
  readonly target: Label | null;
  readonly part: Part;
  /** What the step is about, for a message: `"/data"`. */
  readonly subject: string | null;
}

/** A finished Program. */
export interface Program {
  readonly steps: readonly Step[];
  /** The index of the step that each label stands before. */
  readonly labels: ReadonlyMap<Label, number>;
  readonly slots: readonly Slot[];
  readonly data: readonly Data[];
  readonly parts: readonly Part[];
  /** Holds the index of the part that last entered a subroutine. */
  readonly context: Slot;
}

/** The address of a slot's or a datum's byte. */
export function addressOf(of: Data | Slot, offset = 0): Address {
  return { kind: "address", of, offset };
}

/** A number that prints as `text`. */
export function shown(value: number | bigint, text: Name): Shown {
  return { kind: "shown", value, text };
}

/** The name itself. */
export function nameOf(name: Name): string {
  return typeof name === "string" ? name : name();
}

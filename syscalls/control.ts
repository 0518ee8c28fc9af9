/**
 * Control between system calls, said in structures: conditions, loops and
 * subroutines instead of jumps.
 */

import type { ProgramBuilder } from "./builder.ts";
import type { Failure, Label, Operand, Slot } from "./program.ts";
import type { Fields, Layout } from "./struct.ts";

/** How two values are compared: `<` signed, `below` unsigned. */
export type Comparison = "==" | "!=" | "<" | "below";

const JUMP = {
  "==": "jumpEqual",
  "!=": "jumpNotEqual",
  "<": "jumpLess",
  below: "jumpBelow",
} as const;

/** `to = value` */
export function set(p: ProgramBuilder, to: Slot, value: Operand): void {
  p.control("set", [value], { result: to });
}

/** `to = a + b`, and the like */
export function compute(
  p: ProgramBuilder,
  to: Slot,
  [a, operation, b]: readonly [
    Operand,
    "+" | "-" | "&" | "|" | "<<" | ">>",
    Operand,
  ],
): void {
  const names = {
    "+": "add",
    "-": "subtract",
    "&": "and",
    "|": "or",
    "<<": "shiftLeft",
    ">>": "shiftRight",
  } as const;
  p.control(names[operation], [a, b], { result: to });
}

/** `to` = the `width` bytes at `base + offset`, zero-extended. */
export function load(
  p: ProgramBuilder,
  to: Slot,
  width: 1 | 2 | 4 | 8,
  [base, offset]: readonly [Operand, Operand],
): void {
  p.control(`load${width}`, [base, offset], { result: to });
}

/** The low `width` bytes of `value` go to `base + offset`. */
export function store(
  p: ProgramBuilder,
  width: 1 | 4 | 8,
  [base, offset]: readonly [Operand, Operand],
  value: Operand,
): void {
  p.control(`store${width}`, [base, offset, value]);
}

/** `to` = an integer field of the struct at `base`, zero-extended. */
export function loadField<F extends Fields>(
  p: ProgramBuilder,
  to: Slot,
  [struct, name]: readonly [Layout<F>, keyof F & string],
  base: Operand,
): void {
  const field = struct.fields[name];
  if (field?.kind !== "integer") throw new RangeError(`${name} is no number`);
  load(p, to, field.size, [base, field.offset]);
}

export function jump(p: ProgramBuilder, to: Label): void {
  p.control("jump", [to]);
}

export function jumpIf(
  p: ProgramBuilder,
  [a, comparison, b]: readonly [Operand, Comparison, Operand],
  to: Label,
): void {
  p.control(JUMP[comparison], [a, b], { target: to });
}

/** Performs `body` only if the condition holds. */
export function when(
  p: ProgramBuilder,
  condition: readonly [Operand, Comparison, Operand],
  body: () => void,
  otherwise: (() => void) | null = null,
): void {
  const no = p.label("else");
  const end = p.label("end if");
  jumpUnless(p, condition, otherwise === null ? end : no);
  body();
  if (otherwise !== null) {
    jump(p, end);
    p.place(no);
    otherwise();
  }
  p.place(end);
}

function jumpUnless(
  p: ProgramBuilder,
  [a, comparison, b]: readonly [Operand, Comparison, Operand],
  to: Label,
): void {
  if (comparison === "==") return jumpIf(p, [a, "!=", b], to);
  if (comparison === "!=") return jumpIf(p, [a, "==", b], to);
  const yes = p.label("then");
  jumpIf(p, [a, comparison, b], yes);
  jump(p, to);
  p.place(yes);
}

/** Repeats `body`, which leaves by a jump to the label `leave` or goes on at `again`. */
export function loop(
  p: ProgramBuilder,
  name: string,
  body: (leave: Label, again: Label) => void,
): void {
  const again = p.label(`again: ${name}`);
  const leave = p.label(`done: ${name}`);
  p.place(again);
  body(leave, again);
  jump(p, again);
  p.place(leave);
}

/** Steps that are written once and called from many places. Not recursive. */
export interface Subroutine {
  readonly entry: Label;
  readonly back: Slot;
}

/** Declares a subroutine; `define` writes its steps. */
export function subroutine(p: ProgramBuilder, name: string): Subroutine {
  return { entry: p.label(name), back: p.slot(`return address of ${name}`) };
}

/** Writes a subroutine's steps here; what stands before must not run into it. */
export function define(
  p: ProgramBuilder,
  { entry, back }: Subroutine,
  body: () => void,
): void {
  p.place(entry);
  body();
  p.control("jump", [back]);
}

/** Calls a subroutine on behalf of the present part: its faults are reported as this part's. */
export function callSubroutine(
  p: ProgramBuilder,
  { entry, back }: Subroutine,
): void {
  const here = p.label(`back from ${entry.name}`);
  p.enterContext();
  set(p, back, here);
  jump(p, entry);
  p.place(here);
}

/** What a call takes where its failure may be tolerated. */
export interface Attempt {
  readonly result: Slot;
  readonly failure: Failure;
}

/**
 * A call of which some errors are expected: with one of those it goes on at
 * `then`; with any other it is made once more, and fails for good.
 */
export function tolerate(
  p: ProgramBuilder,
  {
    result,
    errnos,
    then,
  }: { result: Slot; errnos: readonly number[]; then: Label },
  attempt: (options: Attempt) => void,
): void {
  const failed = p.label("failed");
  const fine = p.label("fine");
  attempt({ result, failure: failed });
  jump(p, fine);
  p.place(failed);
  for (const errno of errnos) jumpIf(p, [result, "==", -errno], then);
  attempt({ result, failure: "fault" });
  p.place(fine);
}

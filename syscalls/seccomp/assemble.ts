/**
 * Writes classic BPF, the language of seccomp filters, with names for the
 * places that are jumped to. Jumps go forward only, as the kernel demands, and
 * reach over 255 instructions at most: anything else is refused here.
 */

import { BPF } from "../constants/seccomp.table.ts";
import { encodeStruct, offsetOf } from "../struct.ts";
import { SECCOMP_DATA, SOCK_FILTER } from "../structs.ts";

/** A test of the accumulator against a constant. */
export type Comparison = "equal" | "greater" | "greaterOrEqual";

export type Instruction =
  /** A place to jump to; no instruction of its own. */
  | { readonly kind: "label"; readonly name: string }
  /** Accumulator = the 32 bits at this offset of struct seccomp_data. */
  | { readonly kind: "load"; readonly offset: number }
  /** To `label` if the comparison (unsigned) holds, else on to the next. */
  | {
      readonly kind: "jump";
      readonly comparison: Comparison;
      readonly constant: number;
      readonly label: string;
    }
  /** Ends the filter with this verdict. */
  | { readonly kind: "return"; readonly verdict: number };

/** The kernel's BPF_MAXINSNS. */
const LONGEST_PROGRAM = 4096;
const LONGEST_JUMP = 255;

const JUMP_CODE: Readonly<Record<Comparison, number>> = {
  equal: BPF.JMP | BPF.JEQ | BPF.K,
  greater: BPF.JMP | BPF.JGT | BPF.K,
  greaterOrEqual: BPF.JMP | BPF.JGE | BPF.K,
};

export function label(name: string): Instruction {
  return { kind: "label", name };
}

/** Loads `nr`, `arch`, or the low 32 bits of an argument. */
export function load(field: keyof typeof SECCOMP_DATA.fields): Instruction {
  return { kind: "load", offset: offsetOf(SECCOMP_DATA, field) };
}

export function jumpIf(
  comparison: Comparison,
  constant: number,
  target: string,
): Instruction {
  return { kind: "jump", comparison, constant, label: target };
}

export function ret(verdict: number): Instruction {
  return { kind: "return", verdict };
}

/** The program as an array of struct sock_filter. */
export function assemble(program: readonly Instruction[]): Uint8Array {
  const places = findLabels(program);
  const instructions = program.filter(
    (instruction) => instruction.kind !== "label",
  );
  if (instructions.length > LONGEST_PROGRAM) {
    throw new RangeError(
      `Cannot assemble the filter: it has more than ${LONGEST_PROGRAM} instructions`,
    );
  }
  if (instructions.at(-1)?.kind !== "return") {
    throw new RangeError(
      "Cannot assemble the filter: its last instruction is not a return",
    );
  }
  return Buffer.concat(
    instructions.map((instruction, place) =>
      encode(instruction, place, places),
    ),
  );
}

/** Where each label points: the number of the instruction after it. */
function findLabels(
  program: readonly Instruction[],
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let place = 0;
  for (const instruction of program) {
    if (instruction.kind !== "label") {
      place++;
      continue;
    }
    if (places.has(instruction.name)) {
      throw new RangeError(
        `Cannot assemble the filter: label "${instruction.name}" stands twice`,
      );
    }
    places.set(instruction.name, place);
  }
  return places;
}

function encode(
  instruction: Exclude<Instruction, { kind: "label" }>,
  place: number,
  places: ReadonlyMap<string, number>,
): Uint8Array {
  switch (instruction.kind) {
    case "load":
      return encodeStruct(SOCK_FILTER, {
        code: BPF.LD | BPF.W | BPF.ABS,
        k: instruction.offset,
      });
    case "return":
      return encodeStruct(SOCK_FILTER, {
        code: BPF.RET | BPF.K,
        k: instruction.verdict,
      });
    case "jump":
      return encodeStruct(SOCK_FILTER, {
        code: JUMP_CODE[instruction.comparison],
        jt: distance(instruction.label, place, places),
        k: instruction.constant,
      });
  }
}

/** How many instructions a jump from `place` leaps over. */
function distance(
  name: string,
  place: number,
  places: ReadonlyMap<string, number>,
): number {
  const target = places.get(name);
  if (target === undefined) {
    throw new RangeError(
      `Cannot assemble the filter: there is no label "${name}"`,
    );
  }
  const leap = target - place - 1;
  if (leap < 0) {
    throw new RangeError(
      `Cannot assemble the filter: the jump to "${name}" goes backward`,
    );
  }
  if (leap > LONGEST_JUMP) {
    throw new RangeError(
      `Cannot assemble the filter: the jump to "${name}" leaps over ${leap} instructions, ${LONGEST_JUMP} is the most`,
    );
  }
  return leap;
}

/** A small Program and its bytes in memory. */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { encode, layOut } from "../../../syscalls/encode.ts";
import type { Program } from "../../../syscalls/program.ts";
import { RECORD } from "../../../syscalls/record.ts";

export const BASES = { constant: 0x10_0000, state: 0x7fff_0000_0000 };

/** A Program of the steps that `write` makes; faults go to its `stop`. */
export function build<T>(write: (p: ProgramBuilder) => T): {
  program: Program;
  made: T;
} {
  const p = new ProgramBuilder();
  const end = p.label("end");
  const made = p.part("a test", () => {
    const it = p.faultsTo(end, () => write(p));
    p.place(end);
    p.control("stop", [0]);
    return it;
  });
  return { program: p.finish(), made };
}

export function encoded(program: Program) {
  const layout = layOut(program);
  const constant = new Uint8Array(layout.constantSize);
  const state = new Uint8Array(layout.stateSize);
  encode(layout, BASES, { constant, state });
  const view = new DataView(constant.buffer);
  const word = (step: number, field: number) =>
    view.getBigUint64(step * RECORD.size + field, true);
  return {
    layout,
    constant,
    state,
    operation: (step: number) =>
      view.getUint32(step * RECORD.size + RECORD.operation, true),
    flags: (step: number) =>
      view.getUint32(step * RECORD.size + RECORD.flags, true),
    argument: (step: number, index: number) =>
      word(step, RECORD.argument + 8 * index),
    word,
  };
}

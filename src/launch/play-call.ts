/** One system call, for what is neither a launch nor in a hurry. */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { prepare } from "../../syscalls/ffi.ts";
import type { Operand } from "../../syscalls/program.ts";

/** A call by its name, and what it takes. */
export type Call = readonly [
  name: Parameters<ProgramBuilder["call"]>[0],
  operands: readonly Operand[],
];

/** Its result, or a negated errno. */
export function playCall(
  action: string,
  make: (p: ProgramBuilder) => Call,
): number {
  const p = new ProgramBuilder();
  const result = p.slot("result");
  p.part(action, () => {
    const [name, operands] = make(p);
    p.call(name, operands, { result, failure: "continue" });
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  const answer = run.read(result);
  run.free();
  return answer;
}

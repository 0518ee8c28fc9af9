/** Where a static executable finds its arguments and its environment: on its stack. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { compute, load } from "../../../syscalls/control.ts";
import { STACK_ADDRESS } from "../../../syscalls/elf-writer.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Vectors } from "../plan-execution.ts";

export function planVectors(p: ProgramBuilder): Vectors {
  return p.part("find arguments and environment", () => {
    const [stack, count] = [p.slot("stack"), p.slot("argc")];
    const [argv, environment] = [p.slot("argv"), p.slot("environment")];
    load(p, stack, 8, [shown(STACK_ADDRESS, "&stack"), 0]);
    load(p, count, 8, [stack, 0]);
    compute(p, argv, [stack, "+", 8]);
    compute(p, environment, [count, "<<", 3]);
    compute(p, environment, [environment, "+", argv]);
    compute(p, environment, [environment, "+", 8]);
    return { argv, environment };
  });
}

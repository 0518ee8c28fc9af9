/** Finds what the kernel put on the stack: arguments, environment, auxiliary vector. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
} from "../../syscalls/control.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { handoverAddress } from "./handover.ts";
import { SUPERVISE_VARIABLE } from "./supervise-word.ts";

/** Addresses of the pointer arrays, and the question whether to supervise. */
export interface Vectors {
  readonly argv: Slot;
  readonly environment: Slot;
  readonly auxiliary: Slot;
  /** Goes to `label` if the environment is the launcher's word to supervise. */
  whenSupervisor(label: Label): void;
}

/** Reads the stack; the entry has left its address in the handover. */
export function planVectors(p: ProgramBuilder): Vectors {
  return p.part("find arguments, environment and auxiliary vector", () => {
    const stack = p.slot("stack");
    const count = p.slot("argc");
    const argv = p.slot("argv");
    const environment = p.slot("environment");
    const auxiliary = p.slot("auxiliary vector");
    const word = p.slot("word");
    load(p, stack, 8, [handoverAddress("stack"), 0]);
    load(p, count, 8, [stack, 0]);
    compute(p, argv, [stack, "+", 8]);
    compute(p, environment, [count, "<<", 3]);
    compute(p, environment, [environment, "+", argv]);
    compute(p, environment, [environment, "+", 8]);
    set(p, auxiliary, environment);
    loop(p, "to the end of the environment", (leave) => {
      load(p, word, 8, [auxiliary, 0]);
      compute(p, auxiliary, [auxiliary, "+", 8]);
      jumpIf(p, [word, "==", 0], leave);
    });
    return {
      argv,
      environment,
      auxiliary,
      whenSupervisor: (label) => planSupervisorQuestion(p, environment, label),
    };
  });
}

function planSupervisorQuestion(
  p: ProgramBuilder,
  environment: Slot,
  label: Label,
): void {
  p.part("see whether to supervise", () => {
    const no = p.label("no supervisor");
    const variable = p.slot("only variable");
    const next = p.slot("next variable");
    const expected = p.text(SUPERVISE_VARIABLE);
    const at = p.slot("at");
    const [a, b] = [p.slot("byte"), p.slot("expected byte")];
    load(p, variable, 8, [environment, 0]);
    jumpIf(p, [variable, "==", 0], no);
    load(p, next, 8, [environment, 8]);
    jumpIf(p, [next, "!=", 0], no);
    set(p, at, 0);
    loop(p, "compare", (leave) => {
      load(p, a, 1, [variable, at]);
      load(p, b, 1, [expected, at]);
      jumpIf(p, [a, "!=", b], no);
      compute(p, at, [at, "+", 1]);
      jumpIf(p, [at, "==", SUPERVISE_VARIABLE.length], leave);
    });
    jump(p, label);
    p.place(no);
  });
}

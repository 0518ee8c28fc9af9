/** Leaves as the signal makes anybody leave. */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { set } from "../../syscalls/control.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { planDeath } from "../stage0/plan-ending.ts";

/** Ends as the signal ends anybody. */
export function dieOf(number: number): never {
  const p = new ProgramBuilder();
  const signal = p.slot("signal");
  const kept = p.label("it has no effect");
  p.part("end by the signal", () => {
    set(p, signal, number);
    p.faultsTo(kept, () => planDeath(p, signal));
    p.place(kept);
    exitProcess(p, 124);
  });
  prepare(p.finish()).play();
  throw new Error("exit_group(2) does not return");
}

/**
 * Leaves without Bun's own exit, which would reset the terminal to how it was
 * at the start and undo what the target had set.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { prepare } from "../../syscalls/ffi.ts";

export function exitNow(status: number): never {
  const p = new ProgramBuilder();
  p.part("end", () => exitProcess(p, status));
  prepare(p.finish()).play();
  throw new Error("exit_group(2) does not return");
}

/** How a process that cannot go on in JavaScript says so: one line on standard error, and status 124. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { shown } from "../../syscalls/program.ts";

/** Writes `selfdock: MESSAGE` and ends the process. */
export function planLastWord(p: ProgramBuilder, message: string): void {
  const line = `selfdock: ${message}\n`;
  p.call("write", [shown(2, "stderr"), p.text(line), line.length], {
    failure: "continue",
  });
  exitProcess(p, 124);
}

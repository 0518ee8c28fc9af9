/** How stage 0 says no: one line on standard error and status 124. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { shown } from "../../syscalls/program.ts";

const STANDARD_ERROR = shown(2, "stderr");

/** Writes `selfdock: MESSAGE` and ends the process. */
export function refuse(p: ProgramBuilder, message: string): void {
  const line = `selfdock: ${message}\n`;
  p.call("write", [STANDARD_ERROR, p.text(line), line.length], {
    failure: "continue",
  });
  exitProcess(p, 124);
}

/** How stage 0 says no: one line on standard error, which names what failed, and status 124. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { shown } from "../../syscalls/program.ts";

const STANDARD_ERROR = shown(2, "stderr");

/** Writes `selfdock: MESSAGE`, and what helps if it is given, and ends the process. */
export function refuse(
  p: ProgramBuilder,
  message: string,
  hint: string | null = null,
): void {
  const help = hint === null ? "" : `selfdock: hint: ${hint}\n`;
  const line = `selfdock: ${message}\n${help}`;
  p.call("write", [STANDARD_ERROR, p.text(line), line.length], {
    failure: "continue",
  });
  exitProcess(p, 124);
}

/** The part that `body` writes; a fault in it is refused as `Cannot ACTION`. */
export function refusing<T>(
  p: ProgramBuilder,
  action: string,
  body: () => T,
): T {
  const [refused, done] = [p.label("refuse"), p.label("not refused")];
  return p.part(action, () => {
    const result = p.faultsTo(refused, body);
    p.control("jump", [done]);
    p.place(refused);
    p.part("refuse", () =>
      refuse(p, `Cannot ${action}: the kernel refuses a system call`),
    );
    p.place(done);
    return result;
  });
}

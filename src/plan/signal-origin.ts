/**
 * Who made a signal, by its si_code: the kernel's are positive, those that
 * processes send are 0 or negative. sigaction(2).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { jumpIf, loadField, when } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Label } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";

/** Goes on at `kernel` if no process has sent the signal. */
export function planOriginTest(
  p: ProgramBuilder,
  info: Data,
  kernel: Label,
): void {
  const code = p.slot("who sent it");
  // Loaded without its sign: what is negative has the highest bit.
  loadField(p, code, [SIGINFO, "code"], info);
  when(p, [0, "below", code], () =>
    jumpIf(p, [code, "below", shown(0x8000_0000, "2^31")], kernel),
  );
}

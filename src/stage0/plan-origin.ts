/** Telling the terminal's signals from those that processes send: sigaction(2), si_code. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { SI } from "../../syscalls/constants/signals.table.ts";
import { jumpIf, loadField, set } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Slot } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";

/** `made` is 1 if it was the terminal, or the relay on its behalf; anybody else sent it to us. */
export function planOrigin(
  p: ProgramBuilder,
  { info, relay, made }: { info: Data; relay: Slot; made: Slot },
): void {
  const [code, sender] = [p.slot("code"), p.slot("sender")];
  const [terminal, known] = [
    p.label("the terminal's"),
    p.label("origin is known"),
  ];
  set(p, made, 0);
  loadField(p, code, [SIGINFO, "code"], info);
  jumpIf(p, [code, "==", SI.KERNEL], terminal);
  jumpIf(p, [code, "!=", shown(SI.QUEUE >>> 0, "SI_QUEUE")], known);
  loadField(p, sender, [SIGINFO, "pid"], info);
  jumpIf(p, [sender, "!=", relay], known);
  p.place(terminal);
  set(p, made, 1);
  p.place(known);
}

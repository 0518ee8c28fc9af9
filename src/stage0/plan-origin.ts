/** Telling the terminal's signals from those that processes send: sigaction(2), si_code. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { SI, SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { jumpIf, loadField, set } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Slot } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";

/** The caller's interval timers stay with our process across the execution: nobody but us is told. setitimer(2) */
const OF_TIMERS = [SIGNAL.ALRM, SIGNAL.VTALRM, SIGNAL.PROF] as const;

/** `made` is 1 if it was the terminal, or the relay on its behalf; anybody else sent it to us. */
export function planOrigin(
  p: ProgramBuilder,
  {
    signal,
    info,
    relay,
    made,
  }: { signal: Slot; info: Data; relay: Slot; made: Slot },
): void {
  const [code, sender] = [p.slot("code"), p.slot("sender")];
  const [terminal, known] = [
    p.label("the terminal's"),
    p.label("origin is known"),
  ];
  set(p, made, 0);
  loadField(p, code, [SIGINFO, "code"], info);
  for (const timer of OF_TIMERS) jumpIf(p, [signal, "==", timer], known);
  jumpIf(p, [code, "==", SI.KERNEL], terminal);
  jumpIf(p, [code, "!=", shown(SI.QUEUE >>> 0, "SI_QUEUE")], known);
  loadField(p, sender, [SIGINFO, "pid"], info);
  jumpIf(p, [sender, "!=", relay], known);
  p.place(terminal);
  set(p, made, 1);
  p.place(known);
}

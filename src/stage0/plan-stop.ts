/** The supervisor's job control: it stops and goes on with what it minds. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  EVERY_SIGNAL,
  setSignalMask,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { compute, jumpIf, load, set, when } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { GROUP } from "../plan/process-group.ts";
import { planDefaultAction } from "./plan-ending.ts";
import type { Terminal } from "./plan-terminal.ts";

/** What it takes of the supervision. */
interface Stopping {
  readonly p: ProgramBuilder;
  readonly child: Slot;
  readonly group: Slot;
  readonly first: Slot;
  readonly stopping: Slot;
  readonly terminal: Terminal;
}

/**
 * A pid 1 is stopped by SIGSTOP alone, whatever signal was meant, and by nobody
 * inside. What has entered may be: where there is no terminal, and so nobody who
 * would continue both, only it stops.
 */
export function planEnteredStop(
  { p, first, group, stopping }: Stopping,
  status: Slot,
  again: Label,
): void {
  when(p, [first, "==", 0], () => {
    jumpIf(p, [group, "==", GROUP.own], again);
    set(p, stopping, status);
  });
}

/**
 * Pid 1 is stopped, so its launcher stops, by the signal that was meant: the
 * shell sees a stopped job, and continues both. In an orphaned process group
 * the kernel stops nobody, and the instance goes on at once.
 */
export function planStop(s: Stopping): void {
  const { p, child, group, stopping, terminal } = s;
  const [own, pending] = [p.slot("own id"), p.slot("pending signals")];
  const answer = p.buffer("pending", SIGNAL_SET_SIZE);
  const continued = p.label("to be continued");
  when(p, [group, "==", GROUP.foreground], () => terminal.planTake(child));
  p.call("getpid", [], { result: own });
  planDefaultAction(p, stopping);
  p.call("kill", [own, stopping], { failure: "continue" });
  setSignalMask(p, 0n);
  setSignalMask(p, EVERY_SIGNAL);
  set(p, stopping, SIGNAL.STOP);
  p.call("rt_sigpending", [answer, SIGNAL_SET_SIZE]);
  load(p, pending, 8, [addressOf(answer), 0]);
  compute(p, pending, [pending, "&", 2 ** (SIGNAL.CONT - 1)]);
  jumpIf(p, [pending, "!=", 0], continued);
  planGoOn(s);
  p.place(continued);
}

/** Continues the instance, with the terminal if the shell gave it to us. */
export function planGoOn({ p, child, group, terminal }: Stopping): void {
  const target = p.slot("whom to continue");
  set(p, target, child);
  when(p, [group, "!=", GROUP.shared], () => {
    when(p, [group, "==", GROUP.foreground], () => terminal.planGive(child));
    compute(p, target, [0, "-", child]);
  });
  const signal = shown(SIGNAL.CONT, "SIGCONT");
  p.call("kill", [target, signal], { failure: "continue" });
}

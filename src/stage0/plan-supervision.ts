/**
 * The supervisor's loop. Every signal is blocked and waited for, so nothing
 * happens at any other moment.
 *
 * A signal that the terminal made (SI_KERNEL) has reached the command itself;
 * one that was sent to the supervisor alone is passed on, once. In both cases,
 * if pid 1 does not take the signal, the supervisor does for the whole instance
 * what the default would have done to an ordinary process.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { flag, named, NULL } from "../../syscalls/calls/operands.ts";
import {
  EVERY_SIGNAL,
  setSignalAction,
  setSignalMask,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { CLD, P, WAIT } from "../../syscalls/constants/wait.table.ts";
import {
  callSubroutine,
  jump,
  jumpIf,
  loadField,
  loop,
  set,
  when,
} from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";
import { GROUP } from "../plan/process-group.ts";
import { planOriginTest } from "../plan/signal-origin.ts";
import { planEnd } from "./plan-ending.ts";
import { KNOWN, planKnownSignal } from "./plan-known-signal.ts";
import type { KnownSignal } from "./plan-known-signal.ts";
import { planOrigin } from "./plan-origin.ts";
import { planProcessFiles } from "./plan-process-files.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { ProcessFiles } from "./plan-process-files.ts";
import { planRelay, planRelayAgain } from "./plan-relay.ts";
import { planEnteredStop, planGoOn, planStop } from "./plan-stop.ts";
import { planReports } from "./plan-reports.ts";
import type { Reports } from "./plan-reports.ts";
import { planTerminal } from "./plan-terminal.ts";
import type { Terminal } from "./plan-terminal.ts";
import { signalSets } from "./plan-signal-sets.ts";
import { planWatchedSignals } from "./plan-watched-signals.ts";
import type { WatchedSignals } from "./plan-watched-signals.ts";

/** What the default action stops. */
const STOPS = [SIGNAL.TSTP, SIGNAL.TTIN, SIGNAL.TTOU] as const;
/** What the default action ignores. */
const IGNORED = [SIGNAL.CHLD, SIGNAL.URG, SIGNAL.WINCH, SIGNAL.CONT] as const;

interface Supervision {
  readonly p: ProgramBuilder;
  readonly child: Slot;
  readonly group: Slot;
  readonly first: Slot;
  readonly relay: Slot;
  readonly info: Data;
  readonly signal: Slot;
  /** 1 if the terminal made the signal. */
  readonly made: Slot;
  /** The signal to stop by when pid 1 has stopped. */
  readonly stopping: Slot;
  /** The signal to end by when pid 1 was killed on its account, or 0; and who made it. */
  readonly ending: Slot;
  readonly endingMade: Slot;
  readonly files: ProcessFiles;
  readonly known: KnownSignal;
  readonly watched: WatchedSignals;
  readonly terminal: Terminal;
  readonly reports: Reports;
}

export function planSupervision(
  p: ProgramBuilder,
  { child, group, reports, first }: RunningInstance,
): void {
  const files = planProcessFiles(p, child);
  const sets = signalSets(p);
  const known = planKnownSignal(p, { child, files, sets });
  const s: Supervision = {
    p,
    child,
    group,
    first,
    relay: p.slot("relay"),
    info: p.buffer("signal", SIGINFO.size),
    signal: p.slot("signal"),
    made: p.slot("made by the terminal"),
    stopping: p.slot("signal to stop by"),
    ending: p.slot("signal to end by"),
    endingMade: p.slot("made by the terminal, the signal to end by"),
    files,
    known,
    watched: planWatchedSignals(p, { known, child, files, sets }),
    terminal: planTerminal(p),
    reports: planReports(p, reports),
  };
  p.part("supervise the instance", () => {
    planBegin(s);
    const everySignal = p.constant(
      "{every signal}",
      new Uint8Array(SIGNAL_SET_SIZE).fill(0xff),
    );
    loop(p, "signals", (_leave, again) => {
      const lost = p.label("pid 1 has let in what it does not take");
      planReap(s);
      s.watched.planLook(s.signal, lost);
      const wait = [everySignal, s.info, s.watched.timeout, SIGNAL_SET_SIZE];
      p.call("rt_sigtimedwait", wait, { result: s.signal, failure: again });
      const other = p.label("not about our children");
      jumpIf(p, [s.signal, "!=", SIGNAL.CHLD], other);
      planOriginTest(p, s.info, again);
      p.place(other);
      planSignal(s, again);
      p.place(lost);
      planDefault(s, again);
    });
    s.known.define();
  });
}

function planBegin(s: Supervision): void {
  const { p } = s;
  setSignalMask(p, EVERY_SIGNAL);
  setSignalAction(p, SIGNAL.CHLD, "DFL");
  set(p, s.stopping, SIGNAL.STOP);
  set(p, s.ending, 0);
  set(p, s.endingMade, 0);
  s.files.planPath();
  s.watched.planBegin();
  planStartRelay(s);
  s.terminal.planFind();
  s.reports.planBegin();
  const nothing = p.label("nothing was said before");
  s.reports.planStopped(s.stopping, nothing);
  planStop(s);
  p.place(nothing);
}

function planStartRelay({ p, child, group, relay }: Supervision): void {
  when(p, [group, "==", GROUP.foreground], () =>
    planRelay(p, { group: child, relay }),
  );
}

/** Looks for what has become of the children, until there is nothing new; ends as pid 1 has ended. */
function planReap(s: Supervision): void {
  const { p, child, info, relay, terminal, reports } = s;
  const [pid, code, status] = [
    p.slot("changed child"),
    p.slot("what happened"),
    p.slot("status"),
  ];
  loop(p, "children", (leave, again) => {
    const [ours, ended, stopped] = [
      p.label("pid 1"),
      p.label("pid 1 has ended"),
      p.label("pid 1 has stopped"),
    ];
    const options = flag("WAIT", union(WAIT.EXITED, WAIT.STOPPED, WAIT.NOHANG));
    p.call("waitid", [named("P", P, "ALL"), 0, info, options, NULL]);
    loadField(p, pid, [SIGINFO, "pid"], info);
    jumpIf(p, [pid, "==", 0], leave);
    loadField(p, code, [SIGINFO, "code"], info);
    loadField(p, status, [SIGINFO, "status"], info);
    jumpIf(p, [pid, "==", child], ours);
    jumpIf(p, [pid, "!=", relay], again);
    planRelayAgain(p, { group: child, relay, code });
    jump(p, again);
    p.place(ours);
    jumpIf(p, [code, "==", CLD.STOPPED], stopped);
    p.place(ended);
    terminal.planTake(child);
    reports.planEnd({ code, status });
    planEnd(p, s, { code, status });
    p.place(stopped);
    planEnteredStop(s, status, again);
    planStop(s);
  });
}

/** Passes a signal on, or does what its default would have done. */
function planSignal(s: Supervision, again: Label): void {
  const { p, child, signal, made, known, watched } = s;
  const [taken, unknown] = [
    p.label("pid 1 takes it"),
    p.label("pid 1 does not take it"),
  ];
  planOrigin(p, s);
  planInitStop(s, again);
  planContinue(s, again);
  // The init waits for every signal, and what is waited for is not in SigBlk.
  s.reports.planUse(taken);
  jumpIf(p, [s.first, "==", 0], taken);
  set(p, known.signal, signal);
  callSubroutine(p, known.ask);
  jumpIf(p, [known.known, "==", KNOWN.no], unknown);
  when(p, [known.known, "==", KNOWN.blocked], () => {
    watched.planAdd(signal, made);
    jump(p, again);
  });
  p.place(taken);
  jumpIf(p, [made, "!=", 0], again);
  p.call("kill", [child, signal], { failure: "continue" });
  jump(p, again);
  p.place(unknown);
}

/** Does to the instance what the signal's default would have done to an ordinary process. */
function planDefault(s: Supervision, again: Label): void {
  const { p, child, signal } = s;
  for (const ignored of IGNORED) jumpIf(p, [signal, "==", ignored], again);
  const [stop, end] = [p.label("stop"), p.label("end")];
  for (const number of STOPS) jumpIf(p, [signal, "==", number], stop);
  jump(p, end);
  p.place(stop);
  set(p, s.stopping, signal);
  p.call("kill", [child, shown(SIGNAL.STOP, "SIGSTOP")], {
    failure: "continue",
  });
  jump(p, again);
  p.place(end);
  // It may have ended by itself meanwhile: then that is how it ended.
  set(p, s.ending, signal);
  set(p, s.endingMade, s.made);
  p.call("kill", [child, shown(SIGNAL.KILL, "SIGKILL")], {
    failure: "continue",
  });
  jump(p, again);
}

/** SIGIO of the kernel: the init has something to say. */
function planInitStop(s: Supervision, again: Label): void {
  const { p, signal, made, stopping, reports } = s;
  const other = p.label("no report");
  jumpIf(p, [signal, "!=", SIGNAL.IO], other);
  jumpIf(p, [made, "==", 0], other);
  reports.planStopped(stopping, again);
  planStop(s);
  jump(p, again);
  p.place(other);
}

/** SIGCONT: the instance goes on too. */
function planContinue(s: Supervision, again: Label): void {
  const { p, signal } = s;
  const other = p.label("another signal");
  jumpIf(p, [signal, "!=", SIGNAL.CONT], other);
  planGoOn(s);
  jump(p, again);
  p.place(other);
}

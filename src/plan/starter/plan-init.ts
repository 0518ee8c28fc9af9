/**
 * The init of `--init`: a program of its own at pid 1 that starts the command as
 * pid 2, passes signals on to it, reaps what has lost its parent, and says what
 * becomes of the command. It has no privilege, and nobody inside may trace it.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { setDumpable } from "../../../syscalls/calls/identity.ts";
import { flag, named, NULL } from "../../../syscalls/calls/operands.ts";
import {
  EVERY_SIGNAL,
  cloneProcess,
  exitProcess,
  restoreSignalMask,
  SIGNAL_SET_SIZE,
} from "../../../syscalls/calls/processes.ts";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import { PR } from "../../../syscalls/constants/prctl.table.ts";
import {
  SIG_HANDLER,
  SIG_HOW,
  SIGNAL,
} from "../../../syscalls/constants/signals.table.ts";
import { CLD, P, WAIT } from "../../../syscalls/constants/wait.table.ts";
import {
  compute,
  jump,
  jumpIf,
  loadField,
  loop,
  when,
} from "../../../syscalls/control.ts";
import { union } from "../../../syscalls/flags.ts";
import type { Data, Label, Program, Slot } from "../../../syscalls/program.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import { SIGACTION, SIGINFO, TIMESPEC } from "../../../syscalls/structs.ts";
import { planExecution } from "../plan-execution.ts";
import type { Vectors } from "../plan-execution.ts";
import { planLastWord } from "../plan-last-word.ts";
import { planOriginTest } from "../signal-origin.ts";
import { planGo } from "./go.ts";
import {
  planBrokenStep,
  planPipe,
  planRefusal,
  planReport,
} from "./plan-report.ts";
import { planVectors } from "./plan-vectors.ts";
import { STARTER_KIND } from "./record.ts";
import { COMMAND_MASK, INIT_NAME, planReportDescriptor } from "./words.ts";

/** Plans the init's Program. */
export function planInit(): Program {
  const p = new ProgramBuilder();
  const [first, failed] = [p.label("init"), p.label("the init cannot begin")];
  const lost = p.label("the init cannot go on");
  p.place(first);
  const report = planReportDescriptor(p);
  p.faultsTo(failed, () => {
    const vectors = planVectors(p);
    const childAction = p.buffer("command's SIGCHLD", SIGACTION.size);
    planOwnState(p, childAction);
    p.part("keep the pipe from the command", () => planPipe(p, report));
    p.part("wait for the word to begin", () => planGo(p));
    const child = p.slot("command");
    planStart(p, { vectors, childAction, child, report });
    p.faultsTo(lost, () => planLoop(p, { child, report }));
  });
  p.part("end", () => {
    p.place(lost);
    planLastWord(p, "Cannot wait for the command: waitid failed in the init");
    p.place(failed);
    planBrokenStep(p, report, first);
    exitProcess(p, 124);
  });
  return p.finish();
}

/** Blocks every signal, keeps what the command shall have, and hides from tracers. */
function planOwnState(p: ProgramBuilder, childAction: Data): void {
  p.part("become the init", () => {
    const all = p.constant("{every signal}", signalSet(EVERY_SIGNAL));
    const byDefault = p.constant(
      "{SIG_DFL}",
      encodeStruct(SIGACTION, { handler: SIG_HANDLER.DFL }),
    );
    setDumpable(p, false);
    p.call("prctl", [named("PR", PR, "SET_NAME"), p.text(INIT_NAME), 0, 0, 0]);
    const how = named("SIG", SIG_HOW, "SETMASK");
    p.call("rt_sigprocmask", [how, all, NULL, SIGNAL_SET_SIZE]);
    p.call("rt_sigaction", [
      SIGNAL.CHLD,
      byDefault,
      childAction,
      SIGNAL_SET_SIZE,
    ]);
  });
}

interface Start {
  readonly vectors: Vectors;
  readonly childAction: Data;
  readonly child: Slot;
  readonly report: Slot;
}

/** The command, on the init's memory until it is executed. */
function planStart(p: ProgramBuilder, start: Start): void {
  const { vectors, childAction, child, report } = start;
  p.part("start the command", () => {
    const parent = p.label("the init goes on");
    cloneProcess(p, union(CLONE.VM, CLONE.VFORK), child);
    jumpIf(p, [child, "!=", 0], parent);
    p.call("rt_sigaction", [SIGNAL.CHLD, childAction, NULL, SIGNAL_SET_SIZE]);
    restoreSignalMask(p, COMMAND_MASK);
    // Last: what fails is reported.
    const outcome = planExecution(p, vectors);
    exitProcess(p, 124);
    p.place(parent);
    const started = p.label("started");
    jumpIf(p, [outcome.gaveUp, "==", 0], started);
    planRefusal(p, report, outcome);
    exitProcess(p, 124);
    p.place(started);
    planReport(p, report, [STARTER_KIND.started]);
  });
}

function planLoop(
  p: ProgramBuilder,
  { child, report }: { child: Slot; report: Slot },
): void {
  p.part("pass signals on, reap, and end with the command", () => {
    const info = p.buffer("signal", SIGINFO.size);
    const all = p.constant("{every signal}", signalSet(EVERY_SIGNAL));
    const signal = p.slot("signal");
    const atOnce = p.constant("{0, 0}", encodeStruct(TIMESPEC, {}));
    // What the terminal made before the command was there is for the command.
    loop(p, "early signals", (leave, again) => {
      const wait = [all, info, atOnce, SIGNAL_SET_SIZE];
      p.call("rt_sigtimedwait", wait, { result: signal, failure: leave });
      jumpIf(p, [signal, "==", SIGNAL.CHLD], again);
      p.call("kill", [child, signal], { failure: "continue" });
    });
    loop(p, "signals", (_leave, again) => {
      planReap(p, { child, report, info });
      const wait = [all, info, NULL, SIGNAL_SET_SIZE];
      p.call("rt_sigtimedwait", wait, { result: signal, failure: again });
      // What the kernel says of children is for us, and what the terminal made
      // has reached the command itself.
      planOriginTest(p, info, again);
      planContinue(p, { child, signal, again });
      p.call("kill", [child, signal], { failure: "continue" });
    });
  });
}

/**
 * The supervisor continues the instance's group as a whole, and so the command,
 * if it is still in it. The caller's group, which is not, has no number here.
 */
function planContinue(
  p: ProgramBuilder,
  { child, signal, again }: { child: Slot; signal: Slot; again: Label },
): void {
  const [own, theirs] = [p.slot("own group"), p.slot("command's group")];
  const pass = p.label("pass it on");
  jumpIf(p, [signal, "!=", SIGNAL.CONT], pass);
  p.call("getpgid", [0], { result: own });
  jumpIf(p, [own, "==", 0], pass);
  p.call("getpgid", [child], { result: theirs, failure: pass });
  jumpIf(p, [own, "==", theirs], again);
  p.place(pass);
}

/** Reaps every child that has ended, and reports on the command. */
function planReap(
  p: ProgramBuilder,
  { child, report, info }: { child: Slot; report: Slot; info: Data },
): void {
  const [pid, code, status] = [
    p.slot("changed child"),
    p.slot("what happened"),
    p.slot("status"),
  ];
  loop(p, "children", (leave, again) => {
    const options = flag("WAIT", union(WAIT.EXITED, WAIT.STOPPED, WAIT.NOHANG));
    p.call("waitid", [named("P", P, "ALL"), 0, info, options, NULL]);
    loadField(p, pid, [SIGINFO, "pid"], info);
    jumpIf(p, [pid, "==", 0], leave);
    jumpIf(p, [pid, "!=", child], again);
    loadField(p, code, [SIGINFO, "code"], info);
    loadField(p, status, [SIGINFO, "status"], info);
    const ended = p.label("the command has ended");
    jumpIf(p, [code, "!=", CLD.STOPPED], ended);
    planReport(p, report, [STARTER_KIND.stopped, status]);
    jump(p, again);
    p.place(ended);
    planReport(p, report, [STARTER_KIND.ended, code, status]);
    when(p, [code, "!=", CLD.EXITED], () =>
      compute(p, status, [status, "+", 128]),
    );
    exitProcess(p, status);
  });
}

function signalSet(signals: bigint): Uint8Array {
  const set = new Uint8Array(SIGNAL_SET_SIZE);
  new DataView(set.buffer).setBigUint64(0, signals, true);
  return set;
}

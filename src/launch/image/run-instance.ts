/**
 * Starts this program again, with words of ours, and waits for it: for an
 * instance beside a process that goes on. Security: it gets no more than the
 * caller could have started; a file that is setuid gives it the same once more.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { close } from "../../../syscalls/calls/files.ts";
import { flag, named, NULL } from "../../../syscalls/calls/operands.ts";
import {
  cloneProcess,
  execute,
  exitProcess,
  restoreSignalMask,
  setSignalAction,
  setSignalMask,
  SIGNAL_SET_SIZE,
} from "../../../syscalls/calls/processes.ts";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import { F, O } from "../../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { P, WAIT } from "../../../syscalls/constants/wait.table.ts";
import {
  jumpIf,
  load,
  loadField,
  loop,
  set,
  when,
} from "../../../syscalls/control.ts";
import { prepare } from "../../../syscalls/ffi.ts";
import { union } from "../../../syscalls/flags.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Slot } from "../../../syscalls/program.ts";
import { SIGINFO } from "../../../syscalls/structs.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { LIFELINE } from "../../plan/image/extractor-word.ts";
import { handoverAddress } from "../../stage0/handover.ts";
import type { Ending } from "../explain-failure.ts";
import { bitOf, keptSignals } from "../kept-signals.ts";
import type { Handover } from "../read-handover.ts";

/** What the instance has beside its words. */
export interface Surroundings {
  /** Its caller's directory, if it is to have one. */
  readonly directory: number | null;
  /** Its standard output. */
  readonly output: number;
}

/** How it ended, and which signal we were sent meanwhile, or 0. */
export interface Outcome extends Ending {
  readonly signal: number;
}

/** What ends a program on request; we clean up first. */
const REQUESTS = [SIGNAL.HUP, SIGNAL.INT, SIGNAL.QUIT, SIGNAL.TERM] as const;

/** Runs `selfdock WORDS` to its end; a request to end is passed on to it. */
export function runInstance(
  words: readonly Bytes[],
  surroundings: Surroundings,
  handover: Handover,
): Outcome {
  const p = new ProgramBuilder();
  const child = p.slot("child");
  const info = p.buffer("child's end", SIGINFO.size);
  const taken = p.slot("signal taken");
  const signal = p.slot("request to end");
  const ended = p.label("there is no child");
  const ends = p.buffer("ends of the lifeline", 8);
  const [read, write] = [p.slot("lifeline"), p.slot("our end of it")];
  const deaf = keptSignals("ignoredSignals") | keptSignals("blockedSignals");
  const asked = REQUESTS.map(bitOf).filter((bit) => (bit & deaf) === 0n);
  const awaited = [...asked, bitOf(SIGNAL.CHLD)].reduce((a, b) => a | b);
  p.faultsTo(ended, () => {
    p.part("start selfdock for the archive", () => {
      setSignalAction(p, SIGNAL.CHLD, "DFL");
      setSignalMask(p, keptSignals("blockedSignals") | awaited);
      p.call("pipe2", [ends, flag("O", O.CLOEXEC)]);
      load(p, read, 4, [addressOf(ends), 0]);
      load(p, write, 4, [addressOf(ends), 4]);
      planChild(p, { child, lifeline: read, words, surroundings, handover });
    });
    p.part("wait for it", () => {
      const bytes = new Uint8Array(SIGNAL_SET_SIZE);
      new DataView(bytes.buffer).setBigUint64(0, awaited, true);
      const signals = p.constant("{signals}", bytes);
      loop(p, "signals", (leave) => {
        const wait = [signals, NULL, NULL, SIGNAL_SET_SIZE];
        p.call("rt_sigtimedwait", wait, { result: taken, failure: "continue" });
        planLook(p, { child, info }, leave);
        when(p, [0, "<", taken], () =>
          when(p, [taken, "!=", SIGNAL.CHLD], () => {
            set(p, signal, taken);
            p.call("kill", [child, SIGNAL.TERM], { failure: "continue" });
          }),
        );
      });
    });
  });
  p.part("go on", () => {
    p.place(ended);
    close(p, read);
    close(p, write);
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  const bytes = run.view(info);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const outcome = {
    code: view.getInt32(SIGINFO.fields.code.offset, true),
    status: view.getInt32(SIGINFO.fields.status.offset, true),
    signal: run.read(signal),
  };
  run.free();
  return outcome;
}

/** Leaves the loop if the child has ended. */
function planLook(
  p: ProgramBuilder,
  { child, info }: { child: Slot; info: ReturnType<ProgramBuilder["buffer"]> },
  leave: ReturnType<ProgramBuilder["label"]>,
): void {
  const ended = p.slot("who has ended");
  const how = shown(union(WAIT.EXITED, WAIT.NOHANG), "WEXITED|WNOHANG");
  p.call("waitid", [named("P", P, "PID"), child, info, how, NULL]);
  loadField(p, ended, [SIGINFO, "pid"], info);
  jumpIf(p, [ended, "!=", 0], leave);
}

function planChild(
  p: ProgramBuilder,
  {
    child,
    lifeline,
    words,
    surroundings,
    handover,
  }: {
    child: Slot;
    lifeline: Slot;
    words: readonly Bytes[];
    surroundings: Surroundings;
    handover: Handover;
  },
): void {
  const [parent, failed] = [p.label("in the parent"), p.label("child fails")];
  cloneProcess(p, union(CLONE.VM, CLONE.VFORK), child);
  jumpIf(p, [child, "!=", 0], parent);
  p.faultsTo(failed, () => {
    const { directory, output } = surroundings;
    if (directory !== null) p.call("fchdir", [directory]);
    // On itself it would stay close-on-exec.
    p.call("fcntl", [lifeline, named("F", F, "DUPFD_CLOEXEC"), LIFELINE + 1], {
      result: lifeline,
    });
    p.call("dup3", [lifeline, LIFELINE, 0]);
    if (output !== 1) p.call("dup3", [output, 1, 0]);
    restoreSignalMask(
      p,
      shown(handoverAddress("blockedSignals"), "&handover.blockedSignals"),
    );
    const argv = p.constant(
      "{arguments}",
      new Uint8Array(8 * (words.length + 1)),
      words.map((word, index) => ({ at: 8 * index, to: p.text(word) })),
    );
    const { argvAddress, argv: own } = handover;
    const environment = argvAddress + 8 * (own.length + 1);
    execute(
      p,
      [p.text("/proc/self/exe"), argv, shown(environment, "environ")],
      { result: p.slot("executed"), failure: failed },
    );
  });
  p.place(failed);
  exitProcess(p, 124);
  p.place(parent);
}

/** What stage 0 has blocked for a supervisor has its usual effect again. */
export function unblockSignals(): void {
  const p = new ProgramBuilder();
  const end = p.label("end");
  p.faultsTo(end, () =>
    p.part("take signals again", () => setSignalMask(p, 0n)),
  );
  p.part("go on", () => {
    p.place(end);
    p.control("stop", [0]);
  });
  prepare(p.finish()).play();
}

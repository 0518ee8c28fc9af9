/**
 * The supervisor's loop: waits for signals, passes them on to the instance's
 * pid 1, and ends with its status or by its signal.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import {
  exitProcess,
  setSignalAction,
  setSignalMask,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import {
  SIG_HANDLER,
  SIG_HOW,
  SIGNAL,
} from "../../syscalls/constants/signals.table.ts";
import { CLD, P, WAIT } from "../../syscalls/constants/wait.table.ts";
import { compute, jumpIf, loadField, loop } from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { flag } from "../../syscalls/calls/operands.ts";
import type { Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { RLIMIT64, SIGACTION, SIGINFO } from "../../syscalls/structs.ts";

const EVERY_SIGNAL = 2n ** 64n - 1n;

export function planSupervision(p: ProgramBuilder, instance: Slot): void {
  const info = p.buffer("signal", SIGINFO.size);
  const signal = p.slot("signal");
  p.part("pass signals on until the instance ends", () => {
    setSignalMask(p, EVERY_SIGNAL);
    setSignalAction(p, SIGNAL.CHLD, "DFL");
    const everySignal = p.constant(
      "{every signal}",
      new Uint8Array(SIGNAL_SET_SIZE).fill(0xff),
    );
    loop(p, "signals", (_leave, again) => {
      const ended = p.label("child");
      planWait(p, { instance, info });
      p.call("rt_sigtimedwait", [everySignal, info, NULL, SIGNAL_SET_SIZE], {
        result: signal,
        failure: again,
      });
      jumpIf(p, [signal, "==", SIGNAL.CHLD], ended);
      p.call("kill", [instance, signal], { failure: "continue" });
      p.place(ended);
    });
  });
}

/** Ends as the instance ended, if it has. */
function planWait(
  p: ProgramBuilder,
  {
    instance,
    info,
  }: { instance: Slot; info: ReturnType<ProgramBuilder["buffer"]> },
): void {
  const running = p.label("still running");
  const [code, status, pid] = [
    p.slot("how it ended"),
    p.slot("status"),
    p.slot("ended"),
  ];
  const options = flag("WAIT", union(WAIT.EXITED, WAIT.NOHANG));
  p.call("waitid", [named("P", P, "PID"), instance, info, options, NULL]);
  loadField(p, pid, [SIGINFO, "pid"], info);
  jumpIf(p, [pid, "==", 0], running);
  loadField(p, code, [SIGINFO, "code"], info);
  loadField(p, status, [SIGINFO, "status"], info);
  const killed = p.label("killed by a signal");
  jumpIf(p, [code, "!=", CLD.EXITED], killed);
  exitProcess(p, status);
  p.place(killed);
  planDeath(p, status);
  p.place(running);
}

/** Dies by the same signal, without a core of its own; as a pid 1, which cannot, exits with 128 + N. */
function planDeath(p: ProgramBuilder, signal: Slot): void {
  const noCore = p.constant("{0, 0}", encodeStruct(RLIMIT64, {}));
  const byDefault = p.constant(
    "{SIG_DFL}",
    encodeStruct(SIGACTION, { handler: SIG_HANDLER.DFL }),
  );
  const none = p.constant("{no signal}", new Uint8Array(SIGNAL_SET_SIZE));
  const own = p.slot("own id");
  p.call("prlimit64", [0, named("RLIMIT", RLIMIT, "CORE"), noCore, NULL], {
    failure: "continue",
  });
  p.call("rt_sigaction", [signal, byDefault, NULL, SIGNAL_SET_SIZE], {
    failure: "continue",
  });
  p.call("getpid", [], { result: own });
  p.call("kill", [own, signal], { failure: "continue" });
  p.call("rt_sigprocmask", [
    named("SIG", SIG_HOW, "SETMASK"),
    none,
    NULL,
    SIGNAL_SET_SIZE,
  ]);
  compute(p, signal, [signal, "+", 128]);
  exitProcess(p, signal);
}

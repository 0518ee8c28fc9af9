/**
 * The relay: a tiny process in the process group of the instance's pid 1, where
 * the terminal's signals go. Pid 1 never sees those that it does not take, so
 * the relay hands them to the supervisor, which does what their default would
 * have done. Signals that processes send to the group are none of its business.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  dieWithParent,
  exitProcess,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { NULL } from "../../syscalls/calls/operands.ts";
import { SI, SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { CLD } from "../../syscalls/constants/wait.table.ts";
import {
  jumpIf,
  loadField,
  loop,
  store,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { CLONE_ARGS, SIGINFO } from "../../syscalls/structs.ts";

/** Starts a relay in the group `group`; `relay` is its process id. */
export function planRelay(
  p: ProgramBuilder,
  { group, relay }: { group: Slot; relay: Slot },
): void {
  const parent = p.label("supervisor goes on");
  const supervisor = p.slot("supervisor's id");
  const args = p.constant(
    "{fork, SIGCHLD}",
    encodeStruct(CLONE_ARGS, { exit_signal: SIGNAL.CHLD }),
  );
  p.call("getpid", [], { result: supervisor });
  p.call("clone3", [args, CLONE_ARGS.size], { result: relay, failure: parent });
  jumpIf(p, [relay, "!=", 0], parent);
  const ended = p.label("relay ends");
  p.faultsTo(ended, () => {
    dieWithParent(p);
    p.call("setpgid", [0, group]);
    planLoop(p, supervisor);
  });
  p.place(ended);
  exitProcess(p, 0);
  p.place(parent);
  // Whoever comes first: from here on it is there, and the supervisor need not be.
  p.call("setpgid", [relay, group], { failure: "continue" });
  p.call("setpgid", [0, 0], { failure: "continue" });
}

/** The relay has been killed or stopped (`code`), along with the group that it is in. */
export function planRelayAgain(
  p: ProgramBuilder,
  { group, relay, code }: { group: Slot; relay: Slot; code: Slot },
): void {
  const goOn = shown(SIGNAL.CONT, "SIGCONT");
  when(
    p,
    [code, "==", CLD.STOPPED],
    () => p.call("kill", [relay, goOn], { failure: "continue" }),
    () => planRelay(p, { group, relay }),
  );
}

function planLoop(p: ProgramBuilder, supervisor: Slot): void {
  const info = p.buffer("relayed signal", SIGINFO.size);
  const everySignal = p.constant(
    "{every signal}",
    new Uint8Array(SIGNAL_SET_SIZE).fill(0xff),
  );
  const [signal, code] = [p.slot("relayed"), p.slot("who sent it")];
  const [parent, own] = [p.slot("parent"), p.slot("relay's own id")];
  p.call("getpid", [], { result: own });
  loop(p, "terminal's signals", (leave, again) => {
    // The parent may have ended before the death signal was asked for.
    p.call("getppid", [], { result: parent });
    jumpIf(p, [parent, "!=", supervisor], leave);
    const wait = [everySignal, info, NULL, SIGNAL_SET_SIZE];
    p.call("rt_sigtimedwait", wait, { result: signal, failure: again });
    loadField(p, code, [SIGINFO, "code"], info);
    jumpIf(p, [code, "!=", SI.KERNEL], again);
    store(
      p,
      4,
      [addressOf(info), SIGINFO.fields.code.offset],
      shown(SI.QUEUE, "SI_QUEUE"),
    );
    store(p, 4, [addressOf(info), SIGINFO.fields.pid.offset], own);
    p.call("rt_sigqueueinfo", [supervisor, signal, info], {
      failure: "continue",
    });
  });
}

/** How the supervisor ends: with the status of the instance's pid 1, or by a signal. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  exitProcess,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import {
  SIG_HANDLER,
  SIG_HOW,
} from "../../syscalls/constants/signals.table.ts";
import { compute } from "../../syscalls/control.ts";
import type { Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { RLIMIT64, SIGACTION } from "../../syscalls/structs.ts";

/** Dies by the signal, without a core of its own; as a pid 1, which cannot, exits with 128 + N. */
export function planDeath(p: ProgramBuilder, signal: Slot): void {
  const noCore = p.constant("{0, 0}", encodeStruct(RLIMIT64, {}));
  const none = p.constant("{no signal}", new Uint8Array(SIGNAL_SET_SIZE));
  const own = p.slot("own id");
  const limit = [0, named("RLIMIT", RLIMIT, "CORE"), noCore, NULL];
  p.call("prlimit64", limit, { failure: "continue" });
  planDefaultAction(p, signal);
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

/** The signal does to us what it does to everybody. */
export function planDefaultAction(p: ProgramBuilder, signal: Slot): void {
  const action = encodeStruct(SIGACTION, { handler: SIG_HANDLER.DFL });
  const byDefault = p.constant("{SIG_DFL}", action);
  const operands = [signal, byDefault, NULL, SIGNAL_SET_SIZE];
  p.call("rt_sigaction", operands, { failure: "continue" });
}

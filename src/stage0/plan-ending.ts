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
  SIGNAL,
} from "../../syscalls/constants/signals.table.ts";
import { CLD } from "../../syscalls/constants/wait.table.ts";
import { compute, jumpIf, when } from "../../syscalls/control.ts";
import type { Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { RLIMIT64, SIGACTION } from "../../syscalls/structs.ts";

/** Ends as pid 1 has, whose end waitid(2) tells by si_code and si_status. */
export function planEnd(
  p: ProgramBuilder,
  { ending, endingMade }: { ending: Slot; endingMade: Slot },
  { code, status }: { code: Slot; status: Slot },
): void {
  const killed = p.label("killed by a signal");
  const meant = p.label("by the signal that was meant");
  jumpIf(p, [code, "!=", CLD.EXITED], killed);
  // The terminal's signal reaches a pipeline at once: whoever ends because
  // another one has ended of it would have died of it before.
  jumpIf(p, [endingMade, "!=", 0], meant);
  exitProcess(p, status);
  p.place(killed);
  when(p, [ending, "!=", 0], () =>
    jumpIf(p, [status, "==", SIGNAL.KILL], meant),
  );
  planDeath(p, status);
  p.place(meant);
  planDeath(p, ending);
}

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

/**
 * Can Bun start its threads? Where one cannot be made it aborts, with a report
 * of its own. Only the kernel knows how many processes the user may still have
 * (RLIMIT_NPROC, of every user namespace on the way), so as many threads as Bun
 * may want are made at once, each by the one before, which waits for it
 * (CLONE_VFORK): one runs at any time, on the records and the memory of all.
 *
 * Security model. They are threads and not processes, since then no signal of
 * the user's can end one and leave the others on the memory that they share.
 * The effective ids are the user's by now, in all of them.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import { CLONE } from "../../syscalls/constants/clone.table.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import {
  compute,
  jump,
  jumpIf,
  loadField,
  set,
} from "../../syscalls/control.ts";
import { describeFlags, union } from "../../syscalls/flags.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { CLONE_ARGS, RLIMIT64, SYSINFO } from "../../syscalls/structs.ts";
import { refuse, refusing } from "./refusal.ts";

/** Bun 1.4 starts four at once and up to eight helpers later; the instance takes two processes. */
const NEEDED = 16;

const ONE_AFTER_ANOTHER = union(
  CLONE.VM,
  CLONE.VFORK,
  CLONE.THREAD,
  CLONE.SIGHAND,
  CLONE.FS,
  CLONE.FILES,
  CLONE.SYSVSEM,
);

export function planRoomForThreads(p: ProgramBuilder): void {
  refusing(p, "see whether threads can be started", () => {
    const enough = p.label("enough");
    planWholeHost(p, enough);
    const [depth, short] = [p.slot("threads"), p.slot("one is missing")];
    const thread = p.slot("thread");
    const [next, back] = [p.label("next thread"), p.label("threads end")];
    const [failed, main] = [p.label("no thread"), p.label("main thread")];
    const args = p.constant(
      () => `{${describeFlags("CLONE", ONE_AFTER_ANOTHER)}}`,
      encodeStruct(CLONE_ARGS, { flags: ONE_AFTER_ANOTHER }),
    );
    set(p, depth, 0);
    set(p, short, 0);
    p.place(next);
    jumpIf(p, [depth, "==", NEEDED], back);
    compute(p, depth, [depth, "+", 1]);
    p.call("clone3", [args, CLONE_ARGS.size], {
      result: thread,
      failure: failed,
    });
    jumpIf(p, [thread, "==", 0], next);
    const counted = p.label("counted");
    jump(p, counted);
    p.place(failed);
    set(p, short, 1);
    p.place(counted);
    compute(p, depth, [depth, "-", 1]);
    p.place(back);
    jumpIf(p, [depth, "==", 0], main);
    p.call("exit", [0], { failure: "continue" });
    p.place(main);
    jumpIf(p, [short, "==", 0], enough);
    refuse(
      p,
      `Cannot start: fewer than ${NEEDED} further processes are allowed (ulimit -u)`,
    );
    p.place(enough);
  });
}

/** If the whole host has fewer processes than the user may have, nothing need be tried: it takes 0.7 ms. */
function planWholeHost(
  p: ProgramBuilder,
  enough: ReturnType<ProgramBuilder["label"]>,
): void {
  const info = p.buffer("system's state", SYSINFO.size);
  const limits = p.buffer("limits on processes", RLIMIT64.size);
  const [all, most] = [p.slot("processes of the host"), p.slot("soft limit")];
  p.call("sysinfo", [info]);
  p.call("prlimit64", [0, named("RLIMIT", RLIMIT, "NPROC"), NULL, limits]);
  loadField(p, all, [SYSINFO, "procs"], info);
  loadField(p, most, [RLIMIT64, "cur"], limits);
  compute(p, all, [all, "+", NEEDED]);
  jumpIf(p, [all, "below", most], enough);
}

/**
 * Can Bun start its threads? Where one cannot be made it aborts, with a report
 * of its own. Only the kernel knows how many processes there may still be (of
 * the user, RLIMIT_NPROC of every user namespace on the way; of the cgroup,
 * pids.max of every one on the way), so as many threads as Bun may want are made
 * at once, each by the one before, which waits for it (CLONE_VFORK): one runs at
 * any time, on the records and the memory of all.
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
  load,
  loadField,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { describeFlags, union } from "../../syscalls/flags.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { CLONE_ARGS, RLIMIT64, SYSINFO } from "../../syscalls/structs.ts";
import { PROCESS_LIMITS } from "../plan/failure-words.ts";
import { planUnlimitedCgroup } from "./plan-unlimited-cgroup.ts";
import { refuse, refusing } from "./refusal.ts";

/** Bun 1.4 starts four at once and up to eight helpers later; the instance takes two processes. */
const NEEDED = 16;

/** Bits of a set of processors: NR_CPUS is at most 8192. */
const PROCESSORS = 8192;

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
    const [doubt, enough] = [p.label("try"), p.label("enough")];
    // If nothing limits them, nothing need be tried: it takes 0.3 ms.
    planWholeHost(p, doubt);
    planUnlimitedCgroup(p, doubt);
    jump(p, enough);
    p.place(doubt);
    const short = planTrial(p);
    jumpIf(p, [short, "==", 0], enough);
    refuse(
      p,
      `Cannot start: fewer than ${NEEDED} further processes are allowed`,
      PROCESS_LIMITS,
    );
    p.place(enough);
  });
}

/** Goes on if the whole host has fewer processes than the user may have. */
function planWholeHost(p: ProgramBuilder, doubt: Label): void {
  const info = p.buffer("system's state", SYSINFO.size);
  const limits = p.buffer("limits on processes", RLIMIT64.size);
  const [all, most] = [p.slot("processes of the host"), p.slot("soft limit")];
  const fine = p.label("the user may have more");
  p.call("sysinfo", [info]);
  p.call("prlimit64", [0, named("RLIMIT", RLIMIT, "NPROC"), NULL, limits]);
  loadField(p, all, [SYSINFO, "procs"], info);
  loadField(p, most, [RLIMIT64, "cur"], limits);
  compute(p, all, [all, "+", NEEDED]);
  jumpIf(p, [all, "below", most], fine);
  jump(p, doubt);
  p.place(fine);
}

/** Makes them, and gives whether one could not be made. */
function planTrial(p: ProgramBuilder): Slot {
  const [depth, short] = [p.slot("threads"), p.slot("one is missing")];
  const thread = p.slot("thread");
  const [next, back] = [p.label("next thread"), p.label("threads end")];
  const [failed, counted] = [p.label("no thread"), p.label("counted")];
  const main = p.label("main thread");
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
  jumpIf(p, [thread, "!=", 0], counted);
  when(p, [depth, "==", 1], () => planOneProcessor(p));
  jump(p, next);
  p.place(failed);
  // Any other error is a filter's that forbids clone3 alone: Bun has clone as well.
  when(p, [thread, "==", -ERRNO.EAGAIN], () => set(p, short, 1));
  p.place(counted);
  compute(p, depth, [depth, "-", 1]);
  p.place(back);
  jumpIf(p, [depth, "==", 0], main);
  p.call("exit", [0], { failure: "continue" });
  p.place(main);
  return short;
}

/** The first thread stays on its processor, and so do those behind it: to wake another takes most of the time. */
function planOneProcessor(p: ProgramBuilder): void {
  const number = p.buffer("processor", 4);
  const alone = p.buffer("set of one processor", PROCESSORS / 8);
  const [processor, at, bit] = [p.slot("cpu"), p.slot("byte"), p.slot("bit")];
  p.call("getcpu", [number, NULL, NULL]);
  load(p, processor, 4, [addressOf(number), 0]);
  compute(p, at, [processor, ">>", 3]);
  compute(p, bit, [processor, "&", 7]);
  compute(p, bit, [1, "<<", bit]);
  store(p, 1, [addressOf(alone), at], bit);
  p.call("sched_setaffinity", [0, alone.size, alone], { failure: "continue" });
}

/**
 * Is there room for Bun? Where a limit is too low it would crash, so stage 0
 * says no before: the figures are what Bun 1.4 was seen to need, rounded up.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close } from "../../syscalls/calls/files.ts";
import {
  named,
  NULL,
  WORKING_DIRECTORY,
} from "../../syscalls/calls/operands.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import { RLIMIT64 } from "../../syscalls/structs.ts";
import { handedOver } from "./handover.ts";
import { planRoomForThreads } from "./plan-room-for-threads.ts";
import { refuse, refusing } from "./refusal.ts";

const GIB = 2 ** 30;
const KIB = 2 ** 10;

const NEEDED = [
  {
    limit: "AS",
    bytes: 3 * GIB,
    words: "address space (ulimit -v) is below 3 GiB",
  },
  { limit: "DATA", bytes: 3 * GIB, words: "data (ulimit -d) is below 3 GiB" },
  {
    limit: "STACK",
    bytes: 256 * KIB,
    words: "the stack (ulimit -s) is below 256 KiB",
  },
] as const;

/** Bun has four open at a time before it runs anything, and ends with a page of advice at less. */
const FREE_DESCRIPTORS = 8;

export function planRoom(p: ProgramBuilder): void {
  refusing(p, "see whether there is room", () => {
    const limit = p.buffer("limit", RLIMIT64.size);
    const soft = p.slot("soft limit");
    for (const { limit: name, bytes, words } of NEEDED) {
      const [low, enough] = [p.label("too low"), p.label("enough")];
      const least = shown(bytes, words.slice(words.lastIndexOf(" below ") + 7));
      p.call("prlimit64", [0, named("RLIMIT", RLIMIT, name), NULL, limit]);
      loadField(p, soft, [RLIMIT64, "cur"], limit);
      jumpIf(p, [soft, "below", least], low);
      p.control("jump", [enough]);
      p.place(low);
      refuse(p, `Cannot start: the limit on ${words}`);
      p.place(enough);
    }
  });
  planRoomInProc(p);
  planRoomForFiles(p);
  planRoomForThreads(p);
}

/** Bun finds its own executable there; without it, it calls abort(). access(2), with the caller's own ids. */
function planRoomInProc(p: ProgramBuilder): void {
  refusing(p, "see whether there is a /proc", () => {
    const [none, there] = [p.label("no /proc"), p.label("a /proc")];
    const own = [WORKING_DIRECTORY, p.text("/proc/self/exe"), 0] as const;
    p.call("faccessat", own, { failure: none });
    jump(p, there);
    p.place(none);
    refuse(
      p,
      "Cannot start: no /proc is mounted here, or it does not show this process",
      "selfdock itself needs one to start, whatever is to be inside",
    );
    p.place(there);
  });
}

/** Raises the soft limit, as Bun does only behind the dynamic linker, and takes as many as are needed at once. */
function planRoomForFiles(p: ProgramBuilder): void {
  refusing(p, "see whether descriptors are free", () => {
    const limits = p.buffer("limits on descriptors", RLIMIT64.size);
    const [most, count] = [p.slot("hard limit"), p.slot("free descriptors")];
    const [taken, at] = [p.buffer("taken", 8 * FREE_DESCRIPTORS), p.slot("at")];
    const [few, enough] = [p.label("too few"), p.label("enough")];
    const which = named("RLIMIT", RLIMIT, "NOFILE");
    const fd = p.slot("descriptor");
    loadField(p, most, [RLIMIT64, "max"], handedOver("fileLimit"));
    store(p, 8, [addressOf(limits), RLIMIT64.fields.cur.offset], most);
    store(p, 8, [addressOf(limits), RLIMIT64.fields.max.offset], most);
    p.call("prlimit64", [0, which, limits, NULL]);
    set(p, count, 0);
    set(p, at, addressOf(taken));
    loop(p, "take descriptors", (leave) => {
      jumpIf(p, [count, "==", FREE_DESCRIPTORS], leave);
      p.call("fcntl", [0, named("F", F, "DUPFD_CLOEXEC"), 0], {
        result: fd,
        failure: few,
      });
      store(p, 8, [at, 0], fd);
      compute(p, at, [at, "+", 8]);
      compute(p, count, [count, "+", 1]);
    });
    loop(p, "give them back", (leave) => {
      jumpIf(p, [count, "==", 0], leave);
      compute(p, count, [count, "-", 1]);
      compute(p, at, [at, "-", 8]);
      load(p, fd, 8, [at, 0]);
      close(p, fd);
    });
    jump(p, enough);
    p.place(few);
    refuse(
      p,
      `Cannot start: fewer than ${FREE_DESCRIPTORS} descriptors are free (ulimit -n)`,
    );
    p.place(enough);
  });
}

/**
 * What `--data` reads, read by the launcher before anything else is made: a
 * slow pipe or a terminal may keep it waiting, and as long as it waits signals
 * end and stop it as they would any program. Behind the clone they could not:
 * the launcher sleeps there until the command is executed.
 *
 * Security model: it is read with the caller's own rights, and only from a
 * descriptor that the caller handed over (src/launch). The memory is the
 * launcher's, which the child borrows, and is given back behind the launch.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { mapFreely, unmap } from "../../syscalls/calls/memory.ts";
import {
  EVERY_SIGNAL,
  restoreSignalMask,
  setSignalMask,
} from "../../syscalls/calls/processes.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import {
  compute,
  jumpIf,
  loop,
  set,
  tolerate,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { POLLFD } from "../../syscalls/structs.ts";
import { handedOver } from "../stage0/handover.ts";
import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import { DEFAULT_TMPFS_SIZE } from "./request.ts";

/** One byte more than a file may have: so it is known that there is more. */
const ROOM = DEFAULT_TMPFS_SIZE + 1;

/** Where the bytes are, and how many. */
export interface DataRead {
  readonly start: Slot;
  readonly size: Slot;
}

/** What was read, by descriptor. */
export interface AllDataRead {
  of(descriptor: number): DataRead;
  /** Gives the memory back. */
  planRelease(): void;
}

/** In the launcher. The signals that stage 0 has blocked are let through meanwhile. */
export function planDataReading({ p, order }: Instance): AllDataRead {
  const read = new Map<number, DataRead>();
  for (const file of order.data) {
    if (file.kind !== "data") continue;
    const { descriptor, target } = file;
    const data = {
      start: p.slot(`what descriptor ${descriptor} said`),
      size: p.slot("its size"),
    };
    p.part(`read descriptor ${descriptor} for ${quote(target)}`, () => {
      restoreSignalMask(p, handedOver("blockedSignals"));
      planReading(p, descriptor, data);
      setSignalMask(p, EVERY_SIGNAL);
    });
    read.set(descriptor, data);
  }
  return {
    of: (descriptor) => read.get(descriptor)!,
    planRelease: () => {
      for (const { start } of read.values())
        when(p, [0, "<", start], () => unmap(p, [start, ROOM]));
    },
  };
}

/** Until the end of the file. */
function planReading(
  p: ProgramBuilder,
  descriptor: number,
  { start, size: total }: DataRead,
): void {
  const waiting = p.buffer(
    "descriptor to read",
    encodeStruct(POLLFD, { fd: descriptor, events: POLL.IN }),
  );
  const [at, left, size] = [
    p.slot("where to read to"),
    p.slot("room that is left"),
    p.slot("size read"),
  ];
  mapFreely(p, ROOM, start);
  set(p, total, 0);
  loop(p, "reading", (leave, again) => {
    compute(p, at, [start, "+", total]);
    compute(p, left, [ROOM, "-", total]);
    const wait = p.label("nothing yet");
    // A handler of Bun's has run, or the descriptor does not wait by itself.
    const errnos = [ERRNO.EINTR, ERRNO.EAGAIN];
    tolerate(p, { result: size, errnos, then: wait }, (options) => {
      p.call("read", [descriptor, at, left], options);
    });
    jumpIf(p, [size, "==", 0], leave);
    compute(p, total, [total, "+", size]);
    jumpIf(p, [total, "below", ROOM], again);
    p.fail(ERRNO.EFBIG, "more than 256 MiB");
    p.place(wait);
    p.call("poll", [waiting, 1, shown(-1, "-1")]);
  });
}

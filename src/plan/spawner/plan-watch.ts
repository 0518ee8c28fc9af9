/** The spawner's part while its instance runs: it passes signals on, and takes what becomes of it. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { named, NULL } from "../../../syscalls/calls/operands.ts";
import { exitProcess } from "../../../syscalls/calls/processes.ts";
import { PIDFD_GET } from "../../../syscalls/constants/clone.table.ts";
import { POLL } from "../../../syscalls/constants/poll.table.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { P, WAIT } from "../../../syscalls/constants/wait.table.ts";
import {
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  when,
} from "../../../syscalls/control.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../../syscalls/program.ts";
import { POLLFD } from "../../../syscalls/structs.ts";
import { STARTER_KIND, STARTER_RECORD } from "../starter/record.ts";
import { ASK, ASK_KIND, SPAWNER_DESCRIPTOR, ticket } from "./spawner-memory.ts";

const KILL = shown(SIGNAL.KILL, "SIGKILL");
const FOREVER = shown(-1, "-1");
/** Places in the list that is polled. */
const WATCHED = { socket: 0, child: 1, reports: 2 } as const;

interface Watched {
  /** The id of the instance's pid 1, less than 1 if there is none. */
  readonly child: Slot;
  /** The descriptor of its init's reports, or negative. */
  readonly reports: Slot;
  /** The descriptor of the instance's mount namespace, or HOLDS_NONE. */
  readonly mounts: Slot;
}

export const HOLDS_NONE = -1;

/** Waits for the end of the child, if there is one, and for what its init says before. */
export function planWatch(p: ProgramBuilder, watched: Watched): void {
  const { child, reports, mounts } = watched;
  const [ended, none] = [p.label("the child has ended"), p.label("no child")];
  const lost = p.label("the asker has gone");
  p.part("watch the instance", () => {
    const process = p.slot("child's descriptor");
    const polled = p.buffer("what is watched", 3 * POLLFD.size);
    store(p, 8, [ticket("commandCode"), 0], 0);
    set(p, mounts, HOLDS_NONE);
    jumpIf(p, [child, "<", 1], none);
    p.call("pidfd_open", [child, 0], { result: process, failure: lost });
    planHold(p, process, mounts);
    planEntry(p, polled, ["socket", SPAWNER_DESCRIPTOR.socket]);
    planEntry(p, polled, ["child", process]);
    planEntry(p, polled, ["reports", reports]);
    loop(p, "what happens", (_leave, again) => {
      const [events, report] = [p.slot("events"), p.label("the init reports")];
      p.call("poll", [polled, 3, FOREVER], { failure: lost });
      // Before the end is taken, all that was said of it is.
      planEvents(p, polled, ["reports", events]);
      jumpIf(p, [events, "!=", 0], report);
      planEvents(p, polled, ["child", events]);
      jumpIf(p, [events, "!=", 0], ended);
      planSignal(p, { process, lost, again });
      p.place(report);
      planReport(p, { reports, polled, again });
    });
    p.place(ended);
    p.call("close", [process], { failure: "continue" });
    planReap(p, child);
    p.place(none);
  });
  planLoss(p, child, lost);
}

/**
 * The mounts go with the last reference to their namespace, and whoever drops it
 * waits for every processor: this process, when it has said that all has ended,
 * instead of pid 1 before it has. Without it, or before Linux 6.11, pid 1 waits.
 */
function planHold(p: ProgramBuilder, process: Slot, mounts: Slot): void {
  const overlaps = p.slot("may overlap");
  load(p, overlaps, 8, [ticket("overlaps"), 0]);
  const namespace = named("PIDFD_GET", PIDFD_GET, "MNT_NAMESPACE");
  when(p, [overlaps, "!=", 0], () => {
    const none = p.label("nothing is held");
    const held = p.slot("mount namespace");
    p.call("ioctl", [process, namespace, 0], { result: held, failure: none });
    set(p, mounts, held);
    p.place(none);
  });
}

function planEntry(
  p: ProgramBuilder,
  polled: Data,
  [name, descriptor]: readonly [keyof typeof WATCHED, Slot | number],
): void {
  const at = addressOf(polled, POLLFD.size * WATCHED[name]);
  store(p, 4, [at, POLLFD.fields.fd.offset], descriptor);
  store(p, 4, [at, POLLFD.fields.events.offset], POLL.IN);
}

function planEvents(
  p: ProgramBuilder,
  polled: Data,
  [name, events]: readonly [keyof typeof WATCHED, Slot],
): void {
  const at = addressOf(polled, POLLFD.size * WATCHED[name]);
  load(p, events, 2, [at, POLLFD.fields.revents.offset]);
}

/** What the asker asks: only signals are for a running instance. */
function planSignal(
  p: ProgramBuilder,
  { process, lost, again }: { process: Slot; lost: Label; again: Label },
): void {
  const ask = p.buffer("ask", ASK.size);
  const [size, kind, signal] = [
    p.slot("size of the ask"),
    p.slot("kind of the ask"),
    p.slot("signal"),
  ];
  const socket = SPAWNER_DESCRIPTOR.socket;
  p.call("read", [socket, ask, ASK.size], { result: size, failure: lost });
  jumpIf(p, [size, "!=", ASK.size], lost);
  loadField(p, kind, [ASK, "kind"], ask);
  jumpIf(p, [kind, "!=", ASK_KIND.signal], again);
  loadField(p, signal, [ASK, "signal"], ask);
  p.call("pidfd_send_signal", [process, signal, NULL, 0], {
    failure: "continue",
  });
  jump(p, again);
}

/** One row of the init's: of interest is how the command has ended. */
function planReport(
  p: ProgramBuilder,
  { reports, polled, again }: { reports: Slot; polled: Data; again: Label },
): void {
  const row = p.buffer("report", STARTER_RECORD.size);
  const [size, kind, value] = [
    p.slot("size of the report"),
    p.slot("kind of the report"),
    p.slot("value"),
  ];
  const [whole, over] = [p.label("a report"), p.label("no more reports")];
  p.call("read", [reports, row, STARTER_RECORD.size], {
    result: size,
    failure: over,
  });
  jumpIf(p, [size, "==", STARTER_RECORD.size], whole);
  p.place(over);
  planEntry(p, polled, ["reports", -1]);
  jump(p, again);
  p.place(whole);
  loadField(p, kind, [STARTER_RECORD, "kind"], row);
  jumpIf(p, [kind, "!=", STARTER_KIND.ended], again);
  loadField(p, value, [STARTER_RECORD, "a"], row);
  store(p, 8, [ticket("commandCode"), 0], value);
  loadField(p, value, [STARTER_RECORD, "b"], row);
  store(p, 8, [ticket("commandStatus"), 0], value);
}

function planReap(p: ProgramBuilder, child: Slot): void {
  const kind = named("P", P, "PID");
  const how = shown(WAIT.EXITED, "WEXITED");
  p.call("waitid", [kind, child, ticket("info"), how, ticket("usage")]);
}

/** Nobody waits for the instance any more, or it cannot be watched: it ends, and the spawner. */
function planLoss(p: ProgramBuilder, child: Slot, lost: Label): void {
  const goOn = p.label("the instance is over");
  p.part("end the instance of an asker that has gone", () => {
    jump(p, goOn);
    p.place(lost);
    p.call("kill", [child, KILL], { failure: "continue" });
    planReap(p, child);
    exitProcess(p, 0);
    p.place(goOn);
  });
}

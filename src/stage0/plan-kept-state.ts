/**
 * Keeps what Bun changes or hides and the target must get as it was: signals,
 * limits, descriptors, directory, name. With the caller's effective ids.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { openPlace } from "../../syscalls/calls/files.ts";
import {
  named,
  NULL,
  WORKING_DIRECTORY,
} from "../../syscalls/calls/operands.ts";
import {
  EVERY_SIGNAL,
  setSignalAction,
  setSignalMask,
  SIGNAL_SET_SIZE,
} from "../../syscalls/calls/processes.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import {
  LAST_SIGNAL,
  SIG_HANDLER,
  SIG_HOW,
  SIGNAL,
} from "../../syscalls/constants/signals.table.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import { POLLFD, SIGACTION } from "../../syscalls/structs.ts";
import {
  DESCRIPTORS,
  handedOver,
  HANDOVER,
  handoverAddress,
} from "./handover.ts";
import { ordered } from "./order-table.ts";
import { refuse, refusing } from "./refusal.ts";

export function planKeptState(
  p: ProgramBuilder,
  descriptors: number = DESCRIPTORS,
): void {
  planSignals(p);
  planLimits(p);
  planDescriptors(p, descriptors);
  planDirectory(p);
}

/** Which signals are ignored, one question each, and which are blocked. */
function planSignals(p: ProgramBuilder): void {
  refusing(p, "keep the signal dispositions and mask", () => {
    const action = p.buffer("action", SIGACTION.size);
    const [signal, handler] = [p.slot("signal"), p.slot("handler")];
    const [bit, ignored] = [p.slot("bit"), p.slot("ignored")];
    const none = shown(0, "NULL");
    p.call("rt_sigprocmask", [
      named("SIG", SIG_HOW, "BLOCK"),
      none,
      handedOver("blockedSignals"),
      SIGNAL_SET_SIZE,
    ]);
    // What is sent from here on waits for the supervisor: no thread of Bun's may take it.
    setSignalMask(p, EVERY_SIGNAL);
    set(p, signal, 1);
    set(p, bit, 1);
    loop(p, "signals", (leave) => {
      p.call("rt_sigaction", [signal, NULL, action, SIGNAL_SET_SIZE]);
      load(p, handler, 8, [addressOf(action), SIGACTION.fields.handler.offset]);
      when(p, [handler, "==", SIG_HANDLER.IGN], () =>
        compute(p, ignored, [ignored, "|", bit]),
      );
      compute(p, bit, [bit, "<<", 1]);
      compute(p, signal, [signal, "+", 1]);
      jumpIf(p, [signal, "==", LAST_SIGNAL + 1], leave);
    });
    store(p, 8, [handedOver("ignoredSignals"), 0], ignored);
    // Bun complains on standard error if somebody ignores the signal that it takes for itself.
    setSignalAction(p, SIGNAL.PWR, "DFL");
  });
}

function planLimits(p: ProgramBuilder): void {
  refusing(p, "keep the limits and the name", () => {
    p.call("prlimit64", [
      0,
      named("RLIMIT", RLIMIT, "NOFILE"),
      NULL,
      handedOver("fileLimit"),
    ]);
    p.call("prlimit64", [
      0,
      named("RLIMIT", RLIMIT, "CORE"),
      NULL,
      handedOver("coreLimit"),
    ]);
    p.call("prctl", [named("PR", PR, "GET_NAME"), handedOver("name"), 0, 0, 0]);
    const dumpable = p.call(
      "prctl",
      [named("PR", PR, "GET_DUMPABLE"), 0, 0, 0, 0],
      { result: "dumpable" },
    );
    store(p, 8, [handedOver("dumpable"), 0], dumpable);
  });
}

/** Those that are put on /dev/null where they are closed. */
export const STANDARD = 3;

/**
 * Asks which descriptors are open (one poll; most lines that stage 0 understands
 * keep none but the standard ones, and a baked file asks for its own itself), and
 * puts 0–2 on /dev/null where they are closed.
 */
function planDescriptors(p: ProgramBuilder, most: number): void {
  refusing(p, "see which descriptors are open", () => {
    const template = new Uint8Array(POLLFD.size * most);
    const view = new DataView(template.buffer);
    for (let fd = 0; fd < most; fd++)
      view.setUint32(POLLFD.size * fd, fd, true);
    const count = p.slot("descriptors");
    const limit = p.slot("descriptor limit");
    const [understood, size] = [p.slot("ordered"), p.slot("their size")];
    const [kept, keptEnd] = [p.slot("kept"), p.slot("end of what is kept")];
    load(p, understood, 8, [handedOver("ordered"), 0]);
    load(p, kept, 8, [ordered("kept"), 0]);
    load(p, keptEnd, 8, [ordered("keptEnd"), 0]);
    set(p, count, most);
    when(p, [understood, "!=", 0], () =>
      when(p, [kept, "==", keptEnd], () => set(p, count, STANDARD)),
    );
    load(p, limit, 8, [handedOver("fileLimit"), 0]);
    when(p, [limit, "below", count], () => set(p, count, limit));
    compute(p, size, [count, "<<", Math.log2(POLLFD.size)]);
    p.control("copy", [
      handedOver("descriptors"),
      p.constant("{descriptors}", template),
      size,
    ]);
    p.call("poll", [handedOver("descriptors"), count, 0]);
    store(p, 8, [handedOver("descriptorCount"), 0], count);
  });
  refusing(p, "put closed descriptors 0 to 2 on /dev/null", () => {
    const no = p.label("no /dev/null");
    const ready = p.label("descriptors 0 to 2 are open");
    const events = p.slot("events");
    for (let fd = 0; fd < STANDARD; fd++) {
      const revents =
        handoverAddress("descriptors") +
        POLLFD.size * fd +
        POLLFD.fields.revents.offset;
      load(p, events, 2, [
        shown(revents, `&handover.descriptors[${fd}].revents`),
        0,
      ]);
      compute(p, events, [events, "&", POLL.NVAL]);
      when(p, [events, "!=", 0], () =>
        p.call(
          "openat",
          [WORKING_DIRECTORY, p.text("/dev/null"), shown(O.RDWR, "O_RDWR"), 0],
          { failure: no },
        ),
      );
    }
    p.control("jump", [ready]);
    p.place(no);
    refuse(
      p,
      "Cannot start: descriptor 0, 1 or 2 is closed and /dev/null cannot be opened",
    );
    p.place(ready);
  });
}

/** The caller's directory as a descriptor; it may be gone or out of reach. */
function planDirectory(p: ProgramBuilder): void {
  refusing(p, "keep the working directory and leave it", () => {
    const directory = p.slot("directory");
    openPlace(p, [WORKING_DIRECTORY, p.text(".")], O.DIRECTORY, {
      result: directory,
      failure: "continue",
    });
    store(p, 8, [handedOver("directory"), 0], directory);
    const size = p.slot("size of the directory's path");
    p.call(
      "getcwd",
      [handedOver("directoryPath"), HANDOVER.fields.directoryPath.size],
      { result: size, failure: "continue" },
    );
    store(p, 8, [handedOver("directoryPathSize"), 0], size);
    p.call("chdir", [p.text("/")]);
  });
}

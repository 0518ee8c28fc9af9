/**
 * How a process gets a spawner: it clones itself without copying memory, and the
 * child executes the spawner's file. Security model: of the caller's descriptors
 * the spawner gets none, of its environment nothing.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { closeRange } from "../../../syscalls/calls/files.ts";
import {
  flag,
  named,
  NULL,
  WORKING_DIRECTORY,
} from "../../../syscalls/calls/operands.ts";
import {
  cloneProcess,
  exitProcess,
  SIGNAL_SET_SIZE,
} from "../../../syscalls/calls/processes.ts";
import { makeSocketPair } from "../../../syscalls/calls/sockets.ts";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import {
  AT,
  F,
  LAST_DESCRIPTOR,
  MFD,
  O,
} from "../../../syscalls/constants/open.table.ts";
import { SIG_HOW } from "../../../syscalls/constants/signals.table.ts";
import { jump, jumpIf, when } from "../../../syscalls/control.ts";
import { union } from "../../../syscalls/flags.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Operand, Program, Slot } from "../../../syscalls/program.ts";
import type { Bytes } from "../bytes.ts";
import { planWords } from "../caller.ts";
import {
  SHARED_SIZE,
  SPAWNER_DESCRIPTOR,
  SPAWNER_NAME,
} from "./spawner-memory.ts";

/** The Program, and where its outcome is. */
export interface SpawnerStart {
  readonly program: Program;
  /** The spawner's process id. */
  readonly process: Slot;
  /** Our end of the socket. */
  readonly socket: Slot;
  /** The file that both see. */
  readonly shared: Slot;
}

const EVERY_SIGNAL = new Uint8Array(SIGNAL_SET_SIZE).fill(0xff);
/** No descriptor of a spawner has a number from here on. */
const ABOVE = 9;
const STANDARD = 3;

/** What a spawner is started with. */
export interface SpawnerGiven {
  /** The descriptors of its file, and of the launch's constants. */
  readonly file: number;
  readonly plan: number;
  /** The descriptor of the turns, or null if none are needed. */
  readonly turns: number | null;
  /** What its instances are called, for `ps`; or null. */
  readonly name: Bytes | null;
}

/** Plans it. */
export function planSpawnerStart({
  file,
  plan,
  turns,
  name,
}: SpawnerGiven): SpawnerStart {
  const p = new ProgramBuilder();
  const slot = (called: string) => p.slot(called);
  const [process, socket, shared] = [
    slot("spawner"),
    slot("socket"),
    slot("shared memory"),
  ];
  const [theirs, mask] = [slot("spawner's end"), slot("own signal mask")];
  const [failed, parent] = [p.label("no spawner"), p.label("in the asker")];
  const childFailed = p.label("the spawner does not begin");
  p.faultsTo(failed, () => {
    p.part("make what a spawner and its asker share", () => {
      const how = named("SIG", SIG_HOW, "SETMASK");
      const all = p.constant("{every signal}", EVERY_SIGNAL);
      p.call("rt_sigprocmask", [how, all, addressOf(mask), SIGNAL_SET_SIZE]);
      planSharedFile(p, shared);
      makeSocketPair(p, [socket, theirs]);
    });
    p.part("start a spawner", () => {
      const flags = union(CLONE.VM, CLONE.VFORK, CLONE.CLEAR_SIGHAND);
      cloneProcess(p, flags, process);
      jumpIf(p, [process, "!=", 0], parent);
    });
  });
  p.faultsTo(childFailed, () =>
    p.part("begin as a spawner", () => {
      planDescriptors(p, { socket: theirs, shared, plan, file }, turns);
      // No terminal of its own: no signal of the caller's reaches it.
      p.call("setsid", [], { failure: "continue" });
      const words = planWords(p, [
        SPAWNER_NAME as Bytes,
        ...(name === null ? [] : [name]),
      ]);
      const nothing = p.constant("{}", new Uint8Array(8));
      const itself = flag("AT", AT.EMPTY_PATH);
      const own = SPAWNER_DESCRIPTOR.file;
      p.call("execveat", [own, p.text(""), words, nothing, itself]);
    }),
  );
  p.part("end as no spawner", () => {
    p.place(childFailed);
    exitProcess(p, 124);
  });
  p.part("go on in the asker", () => {
    p.place(failed);
    p.place(parent);
    planReturn(p, theirs, mask);
  });
  return { program: p.finish(), process, socket, shared };
}

/** The asker is as it was, in every case. */
function planReturn(p: ProgramBuilder, theirs: Slot, mask: Slot): void {
  // Where it has failed before this was made, 0 is the caller's standard input.
  when(p, [theirs, "!=", 0], () =>
    p.call("close", [theirs], { failure: "continue" }),
  );
  const how = named("SIG", SIG_HOW, "SETMASK");
  const own = addressOf(mask);
  p.call("rt_sigprocmask", [how, own, NULL, SIGNAL_SET_SIZE], {
    failure: "continue",
  });
  p.control("stop", [0]);
}

/** In memory and in no directory; older kernels do not know that it is not to be executed. */
function planSharedFile(p: ProgramBuilder, shared: Slot): void {
  const [refused, made] = [p.label("an older kernel"), p.label("made")];
  const name = p.text("selfdock");
  const flags = flag("MFD", union(MFD.CLOEXEC, MFD.NOEXEC_SEAL));
  p.call("memfd_create", [name, flags], { result: shared, failure: refused });
  jump(p, made);
  p.place(refused);
  p.call("memfd_create", [name, flag("MFD", MFD.CLOEXEC)], { result: shared });
  p.place(made);
  p.call("ftruncate", [shared, SHARED_SIZE]);
}

/** Each gets its number; what it needs is moved out of the way before. */
function planDescriptors(
  p: ProgramBuilder,
  given: Readonly<Record<"socket" | "shared" | "plan" | "file", Operand>>,
  turns: number | null,
): void {
  const move = named("F", F, "DUPFD_CLOEXEC");
  const all = turns === null ? given : { ...given, turns };
  const moved = Object.entries(all).map(([name, descriptor]) => {
    const above = p.slot(`${name} above`);
    p.call("fcntl", [descriptor, move, ABOVE], { result: above });
    return [SPAWNER_DESCRIPTOR[name as keyof typeof all], above] as const;
  });
  const nothing = p.slot("/dev/null");
  const path = p.text("/dev/null");
  p.call("openat", [WORKING_DIRECTORY, path, flag("O", O.RDWR), 0], {
    result: nothing,
    subject: '"/dev/null"',
  });
  p.call("fcntl", [nothing, move, ABOVE], { result: nothing });
  for (let number = 0; number < STANDARD; number++)
    p.call("dup3", [nothing, number, 0]);
  for (const name of ["nothing", "turns"] as const)
    p.call("dup3", [nothing, SPAWNER_DESCRIPTOR[name], 0]);
  const mark = flag("O", O.CLOEXEC);
  for (const [number, above] of moved)
    p.call("dup3", [
      above,
      number,
      number === SPAWNER_DESCRIPTOR.file ? mark : 0,
    ]);
  closeRange(p, [ABOVE, shown(LAST_DESCRIPTOR, "~0")]);
}

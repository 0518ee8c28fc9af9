/** The launch's part in `--init`: the pipe, the init's file, its execution, its first report. */

import {
  mountSetAttributes,
  newFilesystem,
} from "../../../syscalls/calls/mounts.ts";
import { flag, named } from "../../../syscalls/calls/operands.ts";
import { MOUNT_ATTR } from "../../../syscalls/constants/mount.table.ts";
import { F, O } from "../../../syscalls/constants/open.table.ts";
import { jumpIf, load, set, when } from "../../../syscalls/control.ts";
import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { union } from "../../../syscalls/flags.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Operand, Program, Slot } from "../../../syscalls/program.ts";
import type { Instance } from "../instance.ts";
import type { ExecutionOutcome } from "../plan-execution.ts";
import { asRoot } from "../privilege.ts";
import { INIT_KIND, INIT_RECORD } from "./record.ts";

/** The two ends of the pipe, in the launcher. */
export interface InitPipe {
  readonly read: Slot;
  readonly write: Slot;
}

/** The number that the init's end of the pipe gets: the first above 2 that the command does not keep. */
export function reportDescriptor(keep: readonly number[]): number {
  for (let number = 3; ; number++) if (!keep.includes(number)) return number;
}

/** The number of the init's file system at its execution: the next one. */
export function executableDescriptor(keep: readonly number[]): number {
  return reportDescriptor([...keep, reportDescriptor(keep)]);
}

/** The launcher makes the pipe. */
export function planInitPipe({ p }: Instance): InitPipe {
  const ends = p.buffer("ends of the pipe", 8);
  const pipe = { read: p.slot("reports"), write: p.slot("init's end") };
  p.part("make a pipe for the init's reports", () => {
    p.call("pipe2", [ends, flag("O", O.CLOEXEC)]);
    load(p, pipe.read, 4, [addressOf(ends), 0]);
    load(p, pipe.write, 4, [addressOf(ends), 4]);
  });
  return pipe;
}

/**
 * The child gives its end its number, before it opens anything: what has the
 * number in the launcher is no concern of the child's, but what it needs is
 * moved above it.
 */
export function planInitDescriptor(
  { p, request }: Instance,
  pipe: InitPipe,
  launcher: Slot,
): void {
  const number = reportDescriptor(request.keepDescriptors);
  p.part("give the init its end of the pipe", () => {
    const above = p.slot("init's end above");
    const move = named("F", F, "DUPFD_CLOEXEC");
    p.call("fcntl", [pipe.write, move, number + 1], { result: above });
    p.call("fcntl", [launcher, move, number + 1], { result: launcher });
    p.call("dup3", [above, number, flag("O", O.CLOEXEC)]);
    for (const end of [above, pipe.read, pipe.write])
      when(p, [end, "!=", number], () => p.call("close", [end]));
  });
}

/** The init's file, in a filesystem of its own that is mounted nowhere and read-only. */
export function planInitFile(instance: Instance, init: Program): Slot {
  const { p } = instance;
  const executable = writeExecutable(init);
  const mount = p.slot("init's filesystem");
  const attributes = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV);
  p.part("make the init", () =>
    asRoot(instance, () => {
      const options = [
        ["size", "1048576"],
        ["nr_inodes", "4"],
        ["mode", "755"],
      ] as const;
      newFilesystem(p, { type: "tmpfs", options, attributes, result: mount });
      const how = union(O.WRONLY, O.CREAT, O.CLOEXEC);
      const file = p.call(
        "openat",
        [mount, p.text("init"), flag("O", how), 0o555],
        { result: "init's file" },
      );
      const content = p.constant("{init}", executable);
      const written = p.slot("written");
      const whole = p.label("written as a whole");
      p.call("write", [file, content, executable.length], { result: written });
      jumpIf(p, [written, "==", executable.length], whole);
      p.fail(ERRNO.EFBIG, "the init");
      p.place(whole);
      p.call("close", [file]);
      mountSetAttributes(p, mount, {
        recursive: false,
        set: MOUNT_ATTR.RDONLY,
      });
    }),
  );
  return mount;
}

/** The child becomes the init. */
export function planInitExecution(
  { p, request }: Instance,
  [argv, environment]: readonly [Operand, Operand],
): void {
  const mount = executableDescriptor(request.keepDescriptors);
  p.call("execveat", [mount, p.text("init"), argv, environment, 0], {
    subject: "the init",
  });
}

/** The launcher waits for the first report, and takes it as its own outcome. */
export function planInitReport(
  { p }: Instance,
  pipe: InitPipe,
  { outcome, failed }: { outcome: ExecutionOutcome; failed: Slot },
): void {
  const row = p.buffer("first report", INIT_RECORD.size);
  const kind = p.slot("first report's kind");
  const started = p.label("the command runs");
  p.call("close", [pipe.write], { failure: "continue" });
  p.call("read", [pipe.read, row, INIT_RECORD.size], { failure: "continue" });
  load(p, kind, 8, [addressOf(row), INIT_RECORD.fields.kind.offset]);
  jumpIf(p, [kind, "==", INIT_KIND.started], started);
  set(p, failed, 1);
  when(p, [kind, "==", INIT_KIND.refused], () => {
    set(p, outcome.gaveUp, 1);
    load(p, outcome.executed, 8, [addressOf(row), 8]);
    load(p, outcome.notProgram, 8, [addressOf(row), 16]);
    load(p, outcome.interpreterMissing, 8, [addressOf(row), 24]);
  });
  p.place(started);
}

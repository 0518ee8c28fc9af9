/**
 * The launch's part in the starter, the program that pid 1 executes first: its
 * pipe, its file, its execution, its first report.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  createExecutableMemory,
  seal,
} from "../../../syscalls/calls/memory-files.ts";
import { flag, named } from "../../../syscalls/calls/operands.ts";
import { AT, F, O } from "../../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import {
  jump,
  jumpIf,
  load,
  set,
  store,
  when,
} from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Data, Operand, Slot } from "../../../syscalls/program.ts";
import { handedOver, OWN_FILE } from "../../stage0/handover.ts";
import type { Instance } from "../instance.ts";
import { whether } from "../order.ts";
import type { ExecutionOutcome } from "../plan-execution.ts";
import { STARTER_KIND, STARTER_RECORD } from "./record.ts";
import { starterExecutable } from "./starter-executable.ts";
import type { StarterKind } from "./starter-executable.ts";
import { WORDS } from "./words.ts";

/** How the command's start is read, or what failed in the starter. */
export interface StarterOutcome extends ExecutionOutcome {
  /** The offset of the starter's record that failed; 0 if none did, since the first makes no call. */
  readonly brokenStep: Slot;
  /** A negated errno. */
  readonly brokenResult: Slot;
}

/** The two ends of the pipe, in the launcher. */
export interface StarterPipe {
  readonly read: Slot;
  readonly write: Slot;
}

/** The launcher makes the pipe. */
export function planStarterPipe({ p }: Instance): StarterPipe {
  const ends = p.buffer("ends of the pipe", 8);
  const pipe = { read: p.slot("reports"), write: p.slot("starter's end") };
  p.part("make a pipe for the starter's reports", () => {
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
export function planStarterDescriptor(
  { p, order }: Instance,
  pipe: StarterPipe,
  launcher: Slot,
): void {
  const { report: number, aboveReport } = order.descriptors;
  p.part("give the starter its end of the pipe", () => {
    const above = p.slot("starter's end above");
    const move = named("F", F, "DUPFD_CLOEXEC");
    p.call("fcntl", [pipe.write, move, aboveReport], { result: above });
    p.call("fcntl", [launcher, move, aboveReport], { result: launcher });
    p.call("dup3", [above, number, flag("O", O.CLOEXEC)]);
    for (const end of [above, pipe.read, pipe.write])
      when(p, [end, "!=", number], () => p.call("close", [end]));
  });
}

/**
 * The starter's file, in memory and in no directory, sealed: nobody can change
 * what /proc/self/exe leads to while a path of the command is looked up.
 */
export function planStarterFile(
  { p, order }: Instance,
  access: "readable" | "hidden" = "readable",
): Slot {
  const file = p.slot("starter's file");
  const writeStarter = (kind: StarterKind) => {
    const executable = starterExecutable(kind);
    const content = p.constant(`{${kind} starter}`, executable);
    planWrite(p, file, { content, size: executable.length, offset: 0 });
  };
  p.part("make the starter", () => {
    createExecutableMemory(p, "starter", file);
    whether(
      p,
      order.init,
      () => writeStarter("init"),
      () => writeStarter("direct"),
    );
    const content = planWords(p, order.descriptors.report);
    planWrite(p, file, { content, size: WORDS.size, offset: WORDS.offset });
    // What executes a file that it may not read is not traceable. execve(2).
    if (access === "hidden") p.call("fchmod", [file, shown(0o111, "0111")]);
    seal(p, file);
  });
  return file;
}

/** What the starter is told of this launch. */
function planWords(p: ProgramBuilder, report: Operand): Data {
  const words = p.buffer("words to the starter", WORDS.size);
  const mask = p.slot("command's signal mask");
  load(p, mask, 8, [handedOver("blockedSignals"), 0]);
  store(p, 8, [addressOf(words), WORDS.mask], mask);
  store(p, 8, [addressOf(words), WORDS.report], report);
  const own = [addressOf(words, WORDS.ownFile), handedOver("ownFile")];
  p.control("copy", [...own, OWN_FILE.size]);
  return words;
}

/** Writes so many bytes at the offset, or fails. */
function planWrite(
  p: ProgramBuilder,
  file: Slot,
  { content, size, offset }: { content: Operand; size: number; offset: number },
): void {
  const written = p.slot("written");
  const whole = p.label("written as a whole");
  p.call("pwrite64", [file, content, size, offset], { result: written });
  jumpIf(p, [written, "==", size], whole);
  p.fail(ERRNO.EFBIG, "more than files may hold (ulimit -f)");
  p.place(whole);
}

/** The child becomes the starter. */
export function planStarterExecution(
  { p, order }: Instance,
  [argv, environment]: readonly [Operand, Operand],
): void {
  const file = order.descriptors.executable;
  const itself = flag("AT", AT.EMPTY_PATH);
  p.call("execveat", [file, p.text(""), argv, environment, itself], {
    subject: "the starter",
  });
}

/**
 * The launcher waits for the first report, and takes it as its own outcome. The
 * end of the file says that the command was executed, or that an init is no more.
 */
export function planStarterReport(
  { p, order }: Instance,
  pipe: StarterPipe,
  { child, failed }: { child: Slot; failed: Slot },
): StarterOutcome {
  const outcome: StarterOutcome = {
    gaveUp: p.slot("nothing was executed"),
    executed: p.slot("result of execve"),
    notProgram: p.slot("is no program"),
    interpreterMissing: p.slot("its interpreter is missing"),
    brokenStep: p.slot("the starter's failed step"),
    brokenResult: p.slot("its result"),
  };
  const row = p.buffer("first report", STARTER_RECORD.size);
  const kind = p.slot("first report's kind");
  const [started, none] = [p.label("the command runs"), p.label("no child")];
  const unread = p.label("nothing can be read");
  jumpIf(p, [child, "<", 1], none);
  // With this end open there would be no end of the file.
  p.call("close", [pipe.write], { failure: unread });
  p.call("read", [pipe.read, row, STARTER_RECORD.size], { failure: unread });
  load(p, kind, 8, [addressOf(row), STARTER_RECORD.fields.kind.offset]);
  whether(
    p,
    order.init,
    () => jumpIf(p, [kind, "==", STARTER_KIND.started], started),
    () => jumpIf(p, [kind, "==", 0], started),
  );
  set(p, failed, 1);
  when(p, [kind, "==", STARTER_KIND.refused], () => {
    set(p, outcome.gaveUp, 1);
    load(p, outcome.executed, 8, [addressOf(row), 8]);
    load(p, outcome.notProgram, 8, [addressOf(row), 16]);
    load(p, outcome.interpreterMissing, 8, [addressOf(row), 24]);
  });
  when(p, [kind, "==", STARTER_KIND.failed], () => {
    load(p, outcome.brokenStep, 8, [addressOf(row), 8]);
    load(p, outcome.brokenResult, 8, [addressOf(row), 16]);
  });
  jump(p, started);
  p.place(unread);
  p.call("kill", [child, shown(SIGNAL.KILL, "SIGKILL")], {
    failure: "continue",
  });
  set(p, failed, 1);
  p.place(started);
  p.place(none);
  return outcome;
}

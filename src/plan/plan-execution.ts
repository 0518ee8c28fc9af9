/**
 * The search for a command along its candidates, as execvp(3) has it. With the
 * target's own rights; whoever plays it becomes the command, or goes on behind.
 */

import { close, openFile } from "../../syscalls/calls/files.ts";
import { execute } from "../../syscalls/calls/processes.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  compute,
  jump,
  jumpIf,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";

const SHELL = "/bin/sh";
const PATH_MAX = 4096;
/** How much of a file is looked at to tell a script from something that is no program. */
const HEAD_SIZE = 256;
/** Errors that let the search go on: execvp(3) and glibc's posix/execvpe.c know them. */
const SEARCH_ON = [ERRNO.ENOTDIR, ERRNO.ESTALE, ERRNO.ENODEV, ERRNO.ETIMEDOUT];

/** What to execute. */
export interface Execution {
  /** The names to try, in order; see `candidates`. */
  readonly paths: readonly Bytes[];
  /** The address of the array of the command and its arguments, and how many they are. */
  readonly argv: Operand;
  readonly count: number;
  /** The address of the environment's array. */
  readonly environment: Operand;
}

/** How the attempts went, read after the run. */
export interface ExecutionOutcome {
  /** 1 if no attempt succeeded. */
  readonly gaveUp: Slot;
  /** The negated errno of the attempt that decides why. */
  readonly executed: Slot;
  /** 1 if a file was found that is neither a program nor a script. */
  readonly notProgram: Slot;
  /** 1 if a file was found whose interpreter was not. */
  readonly interpreterMissing: Slot;
}

/** The names to try: the command itself, or one for each directory of PATH. */
export function candidates(command: Bytes, path: Bytes): readonly Bytes[] {
  if (command.includes("/") || command === "") return [command];
  return path
    .split(":")
    .map((directory) =>
      directory === "" ? command : (`${directory}/${command}` as Bytes),
    );
}

/** Tries each name; behind the last it goes on. */
export function planExecution(
  p: ProgramBuilder,
  execution: Execution,
): ExecutionOutcome {
  const outcome: ExecutionOutcome = {
    gaveUp: p.slot("nothing was executed"),
    executed: p.slot("result of execve"),
    notProgram: p.slot("is no program"),
    interpreterMissing: p.slot("its interpreter is missing"),
  };
  const [path, length, end] = [
    p.slot("path"),
    p.slot("length of the path"),
    p.slot("end of the paths"),
  ];
  const list = execution.paths.map((name) => `${name}\0`).join("");
  const paths = p.constant(
    () => `{${execution.paths.map(quote).join(", ")}}`,
    Buffer.from(list, "latin1"),
  );
  const denied = p.slot("permission denied");
  const giveUp = p.label("give up");
  set(p, path, paths);
  compute(p, end, [paths, "+", list.length]);
  loop(p, "candidates", (leave) => {
    planAttempt(p, { ...execution, path, denied, outcome, giveUp });
    p.control("find", [path, PATH_MAX, 0], { result: length });
    compute(p, path, [path, "+", length]);
    compute(p, path, [path, "+", 1]);
    jumpIf(p, [path, "==", end], leave);
  });
  when(p, [denied, "!=", 0], () => set(p, outcome.executed, -ERRNO.EACCES));
  p.place(giveUp);
  set(p, outcome.gaveUp, 1);
  return outcome;
}

interface Attempt extends Execution {
  readonly path: Slot;
  readonly denied: Slot;
  readonly outcome: ExecutionOutcome;
  readonly giveUp: Label;
}

/** One name: goes on behind it if the next may be tried. */
function planAttempt(p: ProgramBuilder, attempt: Attempt): void {
  const { path, argv, environment, denied, outcome, giveUp } = attempt;
  const { executed, interpreterMissing } = outcome;
  const [refused, next, script, absent] = [
    p.label("not executed"),
    p.label("next"),
    p.label("script"),
    p.label("absent"),
  ];
  execute(p, [path, argv, environment], { result: executed, failure: refused });
  p.place(refused);
  jumpIf(p, [executed, "==", -ERRNO.ENOEXEC], script);
  jumpIf(p, [executed, "==", -ERRNO.ENOENT], absent);
  for (const errno of SEARCH_ON) jumpIf(p, [executed, "==", -errno], next);
  jumpIf(p, [executed, "!=", -ERRNO.EACCES], giveUp);
  // A directory of PATH that is closed to the user says nothing about the command.
  p.call("faccessat", [WORKING_DIRECTORY, path, 0], { failure: next });
  set(p, denied, 1);
  jump(p, next);
  p.place(absent);
  // ENOENT may mean the interpreter of a file that is there.
  p.call("faccessat", [WORKING_DIRECTORY, path, 0], { failure: next });
  set(p, interpreterMissing, 1);
  jump(p, next);
  p.place(script);
  planScript(p, attempt);
  p.place(next);
}

/** A file without a magic number: /bin/sh runs it, unless a NUL in its first line says that it is no text. */
function planScript(
  p: ProgramBuilder,
  { path, argv, count, environment, outcome, giveUp }: Attempt,
): void {
  const { executed, notProgram } = outcome;
  const [file, size] = [p.slot("file"), p.slot("size of its head")];
  const [nul, newline] = [p.slot("first NUL"), p.slot("first newline")];
  const shell = p.label("let the shell run it");
  const head = p.buffer("head of the file", HEAD_SIZE);
  openFile(p, [WORKING_DIRECTORY, path], O.RDONLY, {
    result: file,
    failure: shell,
  });
  p.call("read", [file, head, HEAD_SIZE], { result: size, failure: shell });
  close(p, file);
  p.control("find", [head, size, 0], { result: nul });
  p.control("find", [head, size, shown(0x0a, "'\\n'")], { result: newline });
  jumpIf(p, [size, "==", nul], shell);
  when(p, [nul, "below", newline], () => {
    set(p, notProgram, 1);
    jump(p, giveUp);
  });
  p.place(shell);
  // `/bin/sh FILE`, then the arguments behind the first, up to and with the NULL.
  const vector = p.buffer("arguments of the shell", 8 * (count + 2));
  const rest = p.slot("second argument");
  store(p, 8, [vector, 0], p.text(SHELL));
  store(p, 8, [vector, 8], path);
  compute(p, rest, [argv, "+", 8]);
  p.control("copy", [addressOf(vector, 16), rest, 8 * count]);
  execute(p, [p.text(SHELL), vector, environment], {
    result: executed,
    failure: giveUp,
    subject: `"${SHELL}"`,
  });
}

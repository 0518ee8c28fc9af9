/**
 * The search for a command along PATH, as execvp(3) has it. With the target's
 * own rights; whoever plays it becomes the command, or goes on behind.
 */

import { close, openFile } from "../../syscalls/calls/files.ts";
import { execute } from "../../syscalls/calls/processes.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
  when,
} from "../../syscalls/control.ts";
import type { Subroutine } from "../../syscalls/control.ts";
import { planPassingOver } from "./plan-passing-over.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";

const SHELL = "/bin/sh";
const PATH_MAX = 4096;
const NAME_MAX = 255;
/** MAX_ARG_STRLEN of Linux: no argument and no variable is longer. */
const WORD_MAX = 131_072;
/** glibc's confstr(_CS_PATH). */
const DEFAULT_PATH = "/bin:/usr/bin";
const SLASH = shown(0x2f, "'/'");
const COLON = shown(0x3a, "':'");
/** How much of a file is looked at to tell a script from something that is no program. */
const HEAD_SIZE = 256;
/** Errors that let the search go on: execvp(3) and glibc's posix/execvpe.c know them. */
const SEARCH_ON = [ERRNO.ENOTDIR, ERRNO.ESTALE, ERRNO.ENODEV, ERRNO.ETIMEDOUT];

/** What to execute, where a new program finds it on its stack: behind argc. */
export interface Vectors {
  /** The address of the array of the command and its arguments. */
  readonly argv: Operand;
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

/** Tries the command, or each directory of PATH; where nothing was executed it goes on. */
export function planExecution(
  p: ProgramBuilder,
  vectors: Vectors,
): ExecutionOutcome {
  const outcome: ExecutionOutcome = {
    gaveUp: p.slot("nothing was executed"),
    executed: p.slot("result of execve"),
    notProgram: p.slot("is no program"),
    interpreterMissing: p.slot("its interpreter is missing"),
  };
  const [path, denied] = [p.slot("path"), p.slot("permission denied")];
  const [giveUp, search] = [p.label("give up"), p.label("search PATH")];
  const [command, length] = [p.slot("command"), p.slot("command's length")];
  const [slash, done] = [p.slot("first slash"), p.label("tried all")];
  const attempt = { ...vectors, path, denied, outcome, giveUp };
  const trial = subroutine(p, "try to execute");
  load(p, command, 8, [vectors.argv, 0]);
  p.control("find", [command, WORD_MAX, 0], { result: length });
  p.control("find", [command, length, SLASH], { result: slash });
  when(p, [length, "!=", 0], () => jumpIf(p, [slash, "==", length], search));
  set(p, path, command);
  callSubroutine(p, trial);
  jump(p, done);
  p.place(search);
  planSearch(p, { vectors, command, length, path, trial, outcome });
  p.place(done);
  when(p, [denied, "!=", 0], () => set(p, outcome.executed, -ERRNO.EACCES));
  p.place(giveUp);
  set(p, outcome.gaveUp, 1);
  const behind = p.label("behind the attempts");
  jump(p, behind);
  define(p, trial, () => planAttempt(p, attempt));
  p.place(behind);
  return outcome;
}

interface Search {
  readonly vectors: Vectors;
  readonly command: Slot;
  readonly length: Slot;
  readonly path: Slot;
  readonly trial: Subroutine;
  readonly outcome: ExecutionOutcome;
}

/** Tries the command in each directory of PATH; an empty one is the working directory. */
function planSearch(
  p: ProgramBuilder,
  { vectors, command, length, path, trial, outcome }: Search,
): void {
  const [directory, rest, size] = [
    p.slot("directory"),
    p.slot("length of what is left"),
    p.slot("length of the directory"),
  ];
  const [tooLong, searched] = [p.label("name too long"), p.label("searched")];
  const buffer = p.buffer("candidate", PATH_MAX + 1 + NAME_MAX + 1);
  const end = p.slot("end of the candidate");
  jumpIf(p, [NAME_MAX, "below", length], tooLong);
  planVariable(p, vectors.environment, directory);
  compute(p, length, [length, "+", 1]);
  set(p, path, buffer);
  set(p, outcome.executed, -ERRNO.ENOENT);
  loop(p, "directories", () => {
    const next = p.label("next directory");
    p.control("find", [directory, WORD_MAX, 0], { result: rest });
    p.control("find", [directory, rest, COLON], { result: size });
    jumpIf(p, [PATH_MAX, "below", size], next);
    p.control("copy", [buffer, directory, size]);
    compute(p, end, [buffer, "+", size]);
    when(p, [size, "!=", 0], () => {
      store(p, 1, [end, 0], SLASH);
      compute(p, end, [end, "+", 1]);
    });
    p.control("copy", [end, command, length]);
    planPassingOver(p, { argv: vectors.argv, path, next });
    callSubroutine(p, trial);
    p.place(next);
    jumpIf(p, [size, "==", rest], searched);
    compute(p, directory, [directory, "+", size]);
    compute(p, directory, [directory, "+", 1]);
  });
  p.place(tooLong);
  set(p, outcome.executed, -ERRNO.ENAMETOOLONG);
  p.place(searched);
}

/** The text of PATH in the environment, else what execvp(3) takes without one. */
function planVariable(
  p: ProgramBuilder,
  environment: Operand,
  text: Slot,
): void {
  const [at, variable, word] = [
    p.slot("variable's place"),
    p.slot("variable"),
    p.slot("start of the variable"),
  ];
  const found = p.label("PATH is known");
  set(p, at, environment);
  set(p, text, p.text(DEFAULT_PATH));
  loop(p, "variables", (leave, again) => {
    load(p, variable, 8, [at, 0]);
    jumpIf(p, [variable, "==", 0], leave);
    compute(p, at, [at, "+", 8]);
    // Byte by byte: nothing may be read behind the end of a shorter one.
    for (const [index, byte] of Buffer.from("PATH=", "latin1").entries()) {
      load(p, word, 1, [variable, index]);
      jumpIf(p, [word, "!=", byte], again);
    }
    compute(p, text, [variable, "+", "PATH=".length]);
    jump(p, found);
  });
  p.place(found);
}

interface Attempt extends Vectors {
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
  { path, argv, environment, outcome, giveUp }: Attempt,
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
  // `/bin/sh FILE`, then the arguments behind the first: argc makes room for it.
  const vector = p.slot("arguments of the shell");
  compute(p, vector, [argv, "-", 8]);
  store(p, 8, [vector, 0], p.text(SHELL));
  store(p, 8, [vector, 8], path);
  execute(p, [p.text(SHELL), vector, environment], {
    result: executed,
    failure: giveUp,
    subject: `"${SHELL}"`,
  });
}

/**
 * The command: its directory, its environment, and the search along PATH inside
 * the new root, as execvp(3) has it. With the target's own rights.
 */

import { close, openFile } from "../../syscalls/calls/files.ts";
import { execute } from "../../syscalls/calls/processes.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { jump, jumpIf, set, when } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Operand, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { resolveEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import type { Instance } from "./instance.ts";

const SHELL = "/bin/sh";
/** How much of a file is looked at to tell a script from something that is no program. */
const HEAD_SIZE = 256;
/** Errors that let the search go on: execvp(3) and glibc's posix/execvpe.c know them. */
const SEARCH_ON = [
  ERRNO.ENOENT,
  ERRNO.ENOTDIR,
  ERRNO.ESTALE,
  ERRNO.ENODEV,
  ERRNO.ETIMEDOUT,
];

/** How the command's start is read after the run. */
export interface CommandOutcome {
  /** 1 once everything stands and the command is about to be executed. */
  readonly ready: Slot;
  /** 1 if no attempt to execute it succeeded. */
  readonly gaveUp: Slot;
  /** The negated errno of the attempt that decides why. */
  readonly executed: Slot;
  /** 1 if a file was found that is neither a program nor a script. */
  readonly notProgram: Slot;
  /** 1 if a file was found whose interpreter was not. */
  readonly interpreterMissing: Slot;
}

/** The last steps of the child: they end in the command, or at `failed`. */
export function planCommand(instance: Instance, failed: Label): CommandOutcome {
  const { p, request, facts } = instance;
  const outcome: CommandOutcome = {
    ready: p.slot("everything stands"),
    gaveUp: p.slot("nothing was executed"),
    executed: p.slot("result of execve"),
    notProgram: p.slot("is no program"),
    interpreterMissing: p.slot("its interpreter is missing"),
  };
  planDirectory(instance);
  const environment = resolveEnvironment(
    request.environment,
    facts.caller.environment,
  );
  const vector = environmentVector(instance, environment);
  p.part(`execute ${quote(request.command[0]!)}`, () => {
    set(p, outcome.ready, 1);
    const denied = p.slot("permission denied");
    const giveUp = p.label("give up");
    for (const path of candidates(request.command[0]!, environment))
      planAttempt(instance, { path, vector, denied, outcome, giveUp });
    when(p, [denied, "!=", 0], () => set(p, outcome.executed, -ERRNO.EACCES));
    p.place(giveUp);
    set(p, outcome.gaveUp, 1);
    jump(p, failed);
  });
  return outcome;
}

/** The directory asked for, else the caller's path if it exists inside, else `/`. */
function planDirectory(instance: Instance): void {
  const { p, request, facts } = instance;
  const wanted = request.workingDirectory;
  if (wanted !== null) {
    p.part(
      `enter ${quote(wanted)}`,
      () => void p.call("chdir", [p.text(wanted)], { subject: quote(wanted) }),
    );
    return;
  }
  p.part("enter the caller's directory, or the root", () => {
    p.call("chdir", [p.text("/")]);
    if (facts.caller.directory !== null)
      p.call("chdir", [p.text(facts.caller.directory)], {
        failure: "continue",
      });
  });
}

/** The array of pointers for execve: the caller's own, or a new one with the changes. */
function environmentVector(
  { p, facts }: Instance,
  environment: Environment,
): Operand {
  const { caller } = facts;
  if (!environment.changed)
    return shown(caller.environmentAddress, "the caller's environment");
  const entries = environment.entries;
  const bytes = new Uint8Array(8 * (entries.length + 1));
  const view = new DataView(bytes.buffer);
  const pointers = entries.flatMap((entry, index) => {
    if (entry.kind === "set")
      return [{ at: 8 * index, to: p.text(entry.text) }];
    view.setBigUint64(
      8 * index,
      BigInt(caller.variableAddress(entry.index)),
      true,
    );
    return [];
  });
  return p.constant("{environment}", bytes, pointers);
}

/** The names to try: the command itself, or one for each directory of PATH. */
function candidates(
  command: Bytes,
  environment: Environment,
): readonly Bytes[] {
  if (command.includes("/") || command === "") return [command];
  const directories = environment.path.split(":");
  return directories.map((directory) =>
    directory === "" ? command : (`${directory}/${command}` as Bytes),
  );
}

interface Attempt {
  readonly path: Bytes;
  readonly vector: Operand;
  readonly denied: Slot;
  readonly outcome: CommandOutcome;
  readonly giveUp: Label;
}

/** One name: goes on behind it if the next may be tried. */
function planAttempt(
  instance: Instance,
  { path, vector, denied, outcome, giveUp }: Attempt,
): void {
  const { p, facts } = instance;
  const { executed, interpreterMissing } = outcome;
  const [refused, next, script, absent] = [
    p.label("not executed"),
    p.label("next"),
    p.label("script"),
    p.label("absent"),
  ];
  const name = p.text(path);
  const argv = shown(facts.caller.commandAddress, "the command's arguments");
  execute(p, [name, argv, vector], {
    result: executed,
    failure: refused,
    subject: quote(path),
  });
  p.place(refused);
  jumpIf(p, [executed, "==", -ERRNO.ENOEXEC], script);
  jumpIf(p, [executed, "==", -ERRNO.ENOENT], absent);
  for (const errno of SEARCH_ON) jumpIf(p, [executed, "==", -errno], next);
  jumpIf(p, [executed, "!=", -ERRNO.EACCES], giveUp);
  set(p, denied, 1);
  jump(p, next);
  p.place(absent);
  // ENOENT may mean the interpreter of a file that is there.
  p.call("faccessat", [WORKING_DIRECTORY, name, 0], { failure: next });
  set(p, interpreterMissing, 1);
  jump(p, next);
  p.place(script);
  planScript(instance, { path, vector, denied, outcome, giveUp });
  p.place(next);
}

/** A file without a magic number: /bin/sh runs it, unless a NUL in its first line says that it is no text. */
function planScript(
  instance: Instance,
  { path, vector, outcome, giveUp }: Attempt,
): void {
  const { p, request, facts } = instance;
  const { executed, notProgram } = outcome;
  const [file, size] = [p.slot("file"), p.slot("size of its head")];
  const [nul, newline] = [p.slot("first NUL"), p.slot("first newline")];
  const shell = p.label("let the shell run it");
  const head = p.buffer("head of the file", HEAD_SIZE);
  openFile(p, [WORKING_DIRECTORY, p.text(path)], O.RDONLY, {
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
  const argv = shellArguments(instance, path);
  const rest = 8 * request.command.length; // behind the first, up to and with the NULL
  p.control("copy", [
    addressOf(argv, 16),
    shown(facts.caller.commandAddress + 8, "the command's second argument"),
    rest,
  ]);
  execute(p, [p.text(SHELL), argv, vector], {
    result: executed,
    failure: giveUp,
    subject: `"${SHELL}"`,
  });
}

/** `/bin/sh FILE`, with room for the arguments. */
function shellArguments({ p, request }: Instance, path: Bytes): Data {
  const bytes = new Uint8Array(8 * (request.command.length + 2));
  return p.buffer("arguments of the shell", bytes, [
    { at: 0, to: p.text(SHELL) },
    { at: 8, to: p.text(path) },
  ]);
}

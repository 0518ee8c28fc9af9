/** From a line of the input to a running instance, with its streams. */

import { fstatSync } from "node:fs";
import { AT_FDCWD } from "../../../syscalls/constants/open.table.ts";
import { ERRNO, errnoText } from "../../../syscalls/errno.table.ts";
import type {
  BatchCommand,
  BatchRequest,
} from "../../plan/batch/batch-request.ts";
import { parseCommand } from "../../plan/batch/parse-command.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { resolveEnvironment } from "../../plan/environment.ts";
import { SelfdockError } from "../../plan/error.ts";
import { launchError } from "../../plan/shortage.ts";
import type { EnvironmentChange } from "../../plan/request.ts";
import type { Launcher, RunningInstance } from "../many/make-launcher.ts";
import type { Handover } from "../read-handover.ts";
import { CapturedStream } from "./captured-stream.ts";
import {
  closeDescriptor,
  createOutput,
  makeBlocking,
  makeDirectory,
  openDirectory,
  openInput,
} from "./descriptor-calls.ts";
import type { NumberedLine } from "./line-reader.ts";

/** A command that runs. */
export interface RunningCommand {
  readonly line: number;
  readonly instance: RunningInstance;
  /** What it writes, unless that goes to files: standard output and standard error. */
  readonly streams: readonly CapturedStream[];
  /** It may be what no instance can be started for: it asks for nothing of its own. */
  readonly plain: boolean;
}

/** Where everything of a batch is. */
export interface Surroundings {
  readonly launcher: Launcher;
  /** Where the launches begin: the caller's directory, or one that is there. */
  readonly directory: number;
  /** The caller's directory, or negative: nothing is named from there. */
  readonly here: number;
  readonly nothing: number;
}

export class CommandStarter {
  readonly #batch: BatchRequest;
  readonly #handover: Handover;
  readonly #around: Surroundings;
  readonly #environment: readonly Bytes[];
  /** Where output goes, or null if it is captured. */
  readonly #outputs: number | null;

  /** Throws a SelfdockError if the directory of the outputs can neither be opened nor made. */
  constructor(batch: BatchRequest, handover: Handover, around: Surroundings) {
    this.#batch = batch;
    this.#handover = handover;
    this.#around = around;
    const changes = batch.request.environment;
    this.#environment = changed(handover.environment, changes);
    this.#outputs =
      batch.outputDirectory === null
        ? null
        : openOutputs(around.here, batch.outputDirectory);
  }

  /** Starts what the line says. Throws a SelfdockError that says why it cannot. */
  start({ number, text }: NumberedLine): RunningCommand {
    const command = this.#parse(text);
    const { launcher, directory } = this.#around;
    const stdin = this.#openInput(command.stdin);
    const opened: number[] = stdin === this.#around.nothing ? [] : [stdin];
    const streams: CapturedStream[] = [];
    try {
      const outputs =
        this.#outputs === null
          ? this.#capture(streams)
          : this.#openFiles(this.#outputs, number, opened);
      const instance = launcher.start({
        argv: command.argv,
        environment: changed(this.#environment, command.environment),
        directory: this.#handover.directory,
        directoryDescriptor: directory,
        workingDirectory: this.#resolveDirectory(command.workingDirectory),
        stdio: [stdin, ...outputs],
      });
      const plain = command.workingDirectory === null;
      return { line: number, instance, streams, plain };
    } catch (error) {
      for (const stream of streams) stream.finish();
      throw error;
    } finally {
      for (const each of opened) closeDescriptor(each);
    }
  }

  #parse(text: Bytes | null): BatchCommand {
    const parsed =
      text === null
        ? { wrong: "it is longer than 4 MiB", hint: null }
        : parseCommand(text, this.#batch.format);
    if (!("wrong" in parsed)) return parsed;
    const message = `Cannot read the line: ${parsed.wrong}`;
    throw new SelfdockError("usage", message, parsed.hint);
  }

  /** A path inside; what is relative begins at the caller's directory. */
  #resolveDirectory(path: Bytes | null): Bytes | null {
    if (path === null || path.startsWith("/")) return path;
    return `${this.#handover.directory ?? ""}/${path}` as Bytes;
  }

  #openInput(path: Bytes | null): number {
    if (path === null) return this.#around.nothing;
    const file = openInput(this.#around.here, path);
    if (file < 0) throw cannotOpen(path, file);
    // Through a directory of the host's one could leave the instance.
    if (fstatSync(file).isDirectory()) {
      closeDescriptor(file);
      throw cannotOpen(path, -ERRNO.EISDIR);
    }
    makeBlocking(file);
    return file;
  }

  /** N.out and N.err. */
  #openFiles(
    directory: number,
    line: number,
    opened: number[],
  ): [number, number] {
    const open = (name: string) => {
      const file = createOutput(directory, name as Bytes);
      const path = `${this.#batch.outputDirectory}/${name}` as Bytes;
      if (file < 0) throw cannotOpen(path, file);
      opened.push(file);
      return file;
    };
    return [open(`${line}.out`), open(`${line}.err`)];
  }

  #capture(streams: CapturedStream[]): [number, number] {
    for (let count = 0; count < 2; count++) {
      const stream = CapturedStream.open();
      if (typeof stream === "number")
        throw launchError(
          -stream,
          `Cannot make a pipe for the command's output: ${errnoText(-stream)}`,
        );
      streams.push(stream);
    }
    return [streams[0]!.other, streams[1]!.other];
  }
}

/** The variables with these changes; the same array if there are none. */
function changed(
  environment: readonly Bytes[],
  changes: readonly EnvironmentChange[],
): readonly Bytes[] {
  if (changes.length === 0) return environment;
  const { entries } = resolveEnvironment(changes, environment);
  return entries.map((entry) =>
    entry.kind === "set" ? entry.text : environment[entry.index]!,
  );
}

function openOutputs(directory: number, path: Bytes): number {
  const at = path.startsWith("/") ? AT_FDCWD : directory;
  const made = makeDirectory(at, path);
  const opened = openDirectory(at, path);
  if (opened >= 0) return opened;
  const errno = made < 0 && made !== -ERRNO.EEXIST ? made : opened;
  throw cannotOpen(path, errno);
}

function cannotOpen(path: Bytes, errno: number): SelfdockError {
  return launchError(
    -errno,
    `Cannot open ${quote(path)}: ${errnoText(-errno)}`,
  );
}

/** Descriptors for a command's streams, none of which a program that is executed inherits. */

import { constants, openSync } from "node:fs";
import { F, O } from "../../syscalls/constants/open.table.ts";
import { errnoText } from "../../syscalls/errno.table.ts";
import { SelfdockError } from "../plan/error.ts";
import { makeBlocking, makePipe } from "./batch/descriptor-calls.ts";
import { defineCall } from "./define-call.ts";

const control = defineCall("fcntl", ["number", "number", "number"]);

/** The two ends of a pipe. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** For what a command writes: our end never waits. */
export function makeOutputPipe(): Pipe {
  const pipe = makePipe();
  if (typeof pipe === "number") throw refusal("make a pipe", -pipe);
  return pipe;
}

/** For what it reads: its end is as it expects one. */
export function makeInputPipe(): Pipe {
  const pipe = makeOutputPipe();
  makeBlocking(pipe.read);
  return pipe;
}

/** The same open file under another number. */
export function duplicate(descriptor: number): number {
  const copy = control(descriptor, F.DUPFD_CLOEXEC, 3);
  if (copy >= 0) return copy;
  throw refusal(`duplicate descriptor ${descriptor}`, -copy);
}

/** The working directory, to begin relative paths at. */
export function openDirectory(): number {
  const flags = O.PATH | O.DIRECTORY | O.CLOEXEC;
  try {
    return openSync(".", flags);
  } catch (cause) {
    throw cannotOpenDirectory(cause);
  }
}

export function cannotOpenDirectory(cause: unknown): SelfdockError {
  const message =
    "Cannot plan an instance: the working directory cannot be opened";
  return new SelfdockError("launch", message, null, cause);
}

let nothing: number | null = null;

/** /dev/null, opened once. */
export function nullDevice(): number {
  nothing ??= openSync("/dev/null", constants.O_RDWR);
  return nothing;
}

function refusal(action: string, errno: number): SelfdockError {
  return new SelfdockError("launch", `Cannot ${action}: ${errnoText(errno)}`);
}

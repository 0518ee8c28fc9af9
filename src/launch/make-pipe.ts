/** Descriptors for a command's streams, none of which a program that is executed inherits. */

import { constants, openSync } from "node:fs";
import { F, O } from "../../syscalls/constants/open.table.ts";
import { errnoText } from "../../syscalls/errno.table.ts";
import { SelfdockError } from "../plan/error.ts";
import { defineCall } from "./define-call.ts";

const INT = 4;

const pipe = defineCall("pipe2", [{ buffer: 2 * INT }, "number"]);
const control = defineCall("fcntl", ["number", "number", "number"]);

/** The two ends of a pipe. pipe2(2). */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

export function makePipe(): Pipe {
  require(pipe(O.CLOEXEC), "make a pipe");
  const [bytes] = pipe.buffers;
  const ends = new DataView(bytes!.buffer, bytes!.byteOffset);
  return { read: ends.getInt32(0, true), write: ends.getInt32(INT, true) };
}

/** The same open file under another number. */
export function duplicate(descriptor: number): number {
  return require(control(
    descriptor,
    F.DUPFD_CLOEXEC,
    3,
  ), `duplicate descriptor ${descriptor}`);
}

/** The working directory, to begin relative paths at. */
export function openDirectory(): number {
  const flags = O.PATH | O.DIRECTORY | O.CLOEXEC;
  return openSync(".", flags);
}

let nothing: number | null = null;

/** /dev/null, opened once. */
export function nullDevice(): number {
  nothing ??= openSync("/dev/null", constants.O_RDWR);
  return nothing;
}

function require(result: number, action: string): number {
  if (result >= 0) return result;
  throw new SelfdockError("launch", `Cannot ${action}: ${errnoText(-result)}`);
}

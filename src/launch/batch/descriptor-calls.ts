/** System calls on descriptors, for a process that waits for many at once. */

import { AT_FDCWD, F, MFD, O } from "../../../syscalls/constants/open.table.ts";
import { union } from "../../../syscalls/flags.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { defineCall } from "../define-call.ts";
import { failedCall } from "../failed-call.ts";

/** Bytes that one call reads or writes at most. */
export const CHUNK = 65_536;

const calls = {
  read: defineCall("read", ["number", { buffer: CHUNK }, "number"]),
  readAt: defineCall("pread64", [
    "number",
    { buffer: CHUNK },
    "number",
    "number",
  ]),
  write: defineCall("write", ["number", { buffer: CHUNK }, "number"]),
  pipe: defineCall("pipe2", [{ buffer: 8 }, "number"]),
  control: defineCall("fcntl", ["number", "number", "number"]),
  memory: defineCall("memfd_create", ["text", "number"]),
  remove: defineCall("unlinkat", ["number", "text", "number"]),
  directory: defineCall("mkdirat", ["number", "text", "number"]),
  open: defineCall("openat", ["number", "text", "number", "number"]),
};

export const closeDescriptor = defineCall("close", ["number"]);

/** What is there to read, or a negated errno; valid until the next reading. */
export function readChunk(descriptor: number): Uint8Array | number {
  const size = calls.read(descriptor, CHUNK);
  return size < 0 ? size : calls.read.buffers[0]!.subarray(0, size);
}

/** The same of a file, from an offset on. */
export function readChunkAt(
  descriptor: number,
  offset: number,
  size: number,
): Uint8Array | number {
  const got = calls.readAt(descriptor, Math.min(size, CHUNK), offset);
  return got < 0 ? got : calls.readAt.buffers[0]!.subarray(0, got);
}

/** At most CHUNK bytes: how many were written, or a negated errno. */
export function writeChunk(descriptor: number, bytes: Uint8Array): number {
  const size = Math.min(bytes.length, CHUNK);
  calls.write.buffers[0]!.set(bytes.subarray(0, size));
  return calls.write(descriptor, size);
}

/** The ends of a pipe, or a negated errno; reading never waits. */
export function makePipe(): { read: number; write: number } | number {
  const failed = calls.pipe(O.CLOEXEC);
  if (failed < 0) return failed;
  const ends = calls.pipe.buffers[0]!;
  const view = new DataView(ends.buffer, ends.byteOffset);
  const [read, write] = [view.getInt32(0, true), view.getInt32(4, true)];
  calls.control(read, F.SETFL, O.NONBLOCK);
  return { read, write };
}

/** A file in memory and in no directory, or a negated errno. */
export function makeMemoryFile(): number {
  const name = "output" as Bytes;
  const file = calls.memory(name, union(MFD.CLOEXEC, MFD.NOEXEC_SEAL));
  return file >= 0 ? file : calls.memory(name, MFD.CLOEXEC);
}

/** For reading, relative to a directory; a FIFO does not keep us waiting for its other end. */
export function openInput(directory: number, path: Bytes): number {
  const how = union(O.RDONLY, O.NONBLOCK, O.NOCTTY, O.CLOEXEC);
  return calls.open(directory, path, how, 0);
}

/** Reading waits, from here on. */
export function makeBlocking(descriptor: number): void {
  calls.control(descriptor, F.SETFL, O.RDONLY);
}

/** A new file for writing, in the place of whatever has the name: a command may have put a link or a FIFO there. */
export function createOutput(directory: number, name: Bytes): number {
  calls.remove(directory, name, 0);
  const how = union(O.WRONLY, O.CREAT, O.EXCL, O.NOCTTY, O.CLOEXEC);
  return calls.open(directory, name, how, 0o666);
}

/** Makes a directory: 0 or a negated errno. */
export function makeDirectory(at: number, path: Bytes): number {
  return calls.directory(at, path, 0o777);
}

/** A directory, to be a place of names. */
export function openDirectory(at: number, path: Bytes): number {
  const how = union(O.PATH, O.DIRECTORY, O.CLOEXEC);
  return calls.open(at, path, how, 0);
}

/** /dev/null for reading and writing. Throws a SelfdockError if it cannot be opened. */
export function openNothing(): number {
  const how = union(O.RDWR, O.NOCTTY, O.CLOEXEC);
  const opened = calls.open(AT_FDCWD, "/dev/null" as Bytes, how, 0);
  return needed(opened, 'open "/dev/null"');
}

/** The descriptor that a call has made. Throws a SelfdockError if it has made none. */
export function needed(descriptor: number, action: string): number {
  if (descriptor >= 0) return descriptor;
  throw failedCall(action, -descriptor);
}

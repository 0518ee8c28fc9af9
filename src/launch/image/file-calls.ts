/**
 * System calls on files by descriptor and name, for what node:fs has no word
 * for: nothing here resolves more than one name, and none follows a link.
 */

import { AT, AT_FDCWD, O } from "../../../syscalls/constants/open.table.ts";
import { STATX } from "../../../syscalls/constants/stat.table.ts";
import { union } from "../../../syscalls/flags.ts";
import { DIRENT64, STATX_BUFFER, TIMESPEC } from "../../../syscalls/structs.ts";
import { bytesFrom } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import type { Moment } from "../../plan/image/tar-header.ts";
import { defineCall } from "../define-call.ts";

const TIMES = { buffer: 2 * TIMESPEC.size };
const ENTRIES = 32_768;

const calls = {
  open: defineCall("openat", ["number", "text", "number", "number"]),
  stat: defineCall("statx", [
    "number",
    "text",
    "number",
    "number",
    { buffer: STATX_BUFFER.size },
  ]),
  mode: defineCall("fchmodat", ["number", "text", "number"]),
  times: defineCall("utimensat", ["number", "text", TIMES, "number"]),
  timesOf: defineCall("utimensat", ["number", "number", TIMES, "number"]),
  list: defineCall("getdents64", ["number", { buffer: ENTRIES }, "number"]),
};

/** Makes an entry, removes or moves one. */
export const makeDirectoryAt = defineCall("mkdirat", [
  "number",
  "text",
  "number",
]);
/** `symlinkat(target, directory, name)` */
export const makeSymlinkAt = defineCall("symlinkat", [
  "text",
  "number",
  "text",
]);
/** `linkat(from, name, to, name, 0)`: a link is linked itself. */
export const linkAt = defineCall("linkat", [
  "number",
  "text",
  "number",
  "text",
  "number",
]);
export const unlinkAt = defineCall("unlinkat", ["number", "text", "number"]);
/** `renameat2(from, name, to, name, flags)` */
export const renameAt = defineCall("renameat2", [
  "number",
  "text",
  "number",
  "text",
  "number",
]);
/** `mknodat(directory, name, mode with kind, device)` */
export const makeNodeAt = defineCall("mknodat", [
  "number",
  "text",
  "number",
  "number",
]);
/** `fchownat(directory, name, uid, gid, flags)` */
export const changeOwnerAt = defineCall("fchownat", [
  "number",
  "text",
  "number",
  "number",
  "number",
]);
export const lockFile = defineCall("flock", ["number", "number"]);

export const REMOVE_DIRECTORY: number = AT.REMOVEDIR;
export const NOT_FOLLOWED: number = AT.SYMLINK_NOFOLLOW;
/** AT_FDCWD */
export const WORKING_DIRECTORY: number = AT_FDCWD;
/** `RENAME_NOREPLACE` of linux/fs.h. */
export const NO_REPLACE = 1;

/** A directory for reading, and nothing else than a directory. */
export function openDirectoryAt(directory: number, name: Bytes): number {
  const how = union(O.RDONLY, O.DIRECTORY, O.NOFOLLOW, O.CLOEXEC);
  return calls.open(directory, name, how, 0);
}

/** A new regular file for writing (and reading); nothing may be there. */
export function createFileAt(directory: number, name: Bytes): number {
  const how = union(O.RDWR, O.CREAT, O.EXCL, O.NOFOLLOW, O.CLOEXEC);
  return calls.open(directory, name, how, 0o600);
}

/** What is there, for reading; the last part is no link, and a FIFO does not keep us waiting. */
export function openFileAt(directory: number, name: Bytes): number {
  const how = union(O.RDONLY, O.NONBLOCK, O.NOFOLLOW, O.NOCTTY, O.CLOEXEC);
  return calls.open(directory, name, how, 0);
}

/** What statx(2) says of an entry. */
export interface Status {
  /** Kind and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: Moment;
  readonly inode: bigint;
  /** The filesystem. */
  readonly device: bigint;
}

/** An entry's status, not followed, or a negated errno. */
export function statusAt(directory: number, name: Bytes): Status | number {
  const asked = STATX.BASIC_STATS;
  const how = union(AT.SYMLINK_NOFOLLOW, AT.NO_AUTOMOUNT, AT.EMPTY_PATH);
  const result = calls.stat(directory, name, how, asked);
  if (result < 0) return result;
  const [bytes] = calls.stat.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  const { mode, uid, gid, mtime, ino, dev_major } = STATX_BUFFER.fields;
  return {
    mode: view.getUint16(mode.offset, true),
    uid: view.getUint32(uid.offset, true),
    gid: view.getUint32(gid.offset, true),
    inode: view.getBigUint64(ino.offset, true),
    device: view.getBigUint64(dev_major.offset, true),
    modified: {
      seconds: Number(view.getBigInt64(mtime.offset, true)),
      nanoseconds: view.getUint32(mtime.offset + 8, true),
    },
  };
}

/** Sets the mode of an entry that is known to be no link. */
export function changeModeAt(
  directory: number,
  name: Bytes,
  mode: number,
): number {
  return calls.mode(directory, name, mode);
}

/** Sets both times of an entry, not followed, or of the descriptor itself for a null name. */
export function changeTimesAt(
  at: number,
  name: Bytes | null,
  { seconds, nanoseconds }: Moment,
): number {
  const call = name === null ? calls.timesOf : calls.times;
  const [bytes] = call.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  for (const time of [0, TIMESPEC.size]) {
    view.setBigInt64(time, BigInt(seconds), true);
    view.setBigInt64(time + 8, BigInt(nanoseconds), true);
  }
  return name === null ? call(at, 0, 0) : call(at, name, AT.SYMLINK_NOFOLLOW);
}

/** Some of a directory's names from where it stands, without "." and ".."; none at its end. */
export function listNames(directory: number): readonly Bytes[] | number {
  const size = calls.list(directory, ENTRIES);
  if (size < 0) return size;
  const [bytes] = calls.list.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  const names: Bytes[] = [];
  for (let at = 0; at < size;) {
    const start = at + DIRENT64.size;
    const name = bytesFrom(bytes!.subarray(start, bytes!.indexOf(0, start)));
    if (name !== "." && name !== "..") names.push(name);
    at += view.getUint16(at + DIRENT64.fields.reclen.offset, true);
  }
  return names;
}

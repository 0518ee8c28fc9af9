/**
 * Directories that are being filled or emptied. One that is entered is known by
 * a descriptor, reached from its parent by one name that is no link; while we
 * are in it we may write in it, and when it is left it has the mode and time
 * that it had, or that it was given meanwhile.
 */

import { closeSync, fchmodSync } from "node:fs";
import { S_IF } from "../../../syscalls/constants/stat.table.ts";
import { ERRNO, errnoText } from "../../../syscalls/errno.table.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { short } from "../../plan/image/entry-path.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import type { Moment } from "../../plan/image/tar-header.ts";
import {
  changeModeAt,
  changeTimesAt,
  listNames,
  openDirectoryAt,
  REMOVE_DIRECTORY,
  statusAt,
  unlinkAt,
} from "./file-calls.ts";
import type { Status } from "./file-calls.ts";

const HERE = "." as Bytes;
/** What whoever fills or empties a directory must be able to do there. */
const OWN = 0o700;

/** A directory that is entered. */
export interface Directory {
  readonly descriptor: number;
  readonly name: Bytes;
  /** What it has while we are in it. */
  readonly present: number;
  /** What it gets when it is left. */
  mode: number;
  modified: Moment;
}

/** An error of the kernel's about one entry. */
export function failedWith(errno: number, action: string, name: Bytes): Error {
  const text =
    errno === -ERRNO.ENOSPC
      ? "no room is left on the filesystem"
      : errnoText(-errno);
  return refuseArchive(`${action} ${quote(short(name))}: ${text}`);
}

/** The result, unless it is an error. */
export function check(result: number, action: string, name: Bytes): number {
  if (result < 0) throw failedWith(result, action, name);
  return result;
}

export function isDirectory(status: Status | number): status is Status {
  return typeof status === "object" && (status.mode & S_IF.MT) === S_IF.DIR;
}

/** Enters a directory that is known to be one. */
export function enterDirectory(
  parent: number,
  name: Bytes,
  status: Status,
): Directory {
  const mode = status.mode & 0o7777;
  if ((mode & OWN) !== OWN)
    check(changeModeAt(parent, name, mode | OWN), "opening", name);
  const descriptor = check(openDirectoryAt(parent, name), "opening", name);
  return {
    descriptor,
    name,
    present: mode | OWN,
    mode,
    modified: status.modified,
  };
}

export function leaveDirectory({
  descriptor,
  mode,
  modified,
  present,
  name,
}: Directory): void {
  if (mode !== present) fchmodSync(descriptor, mode);
  check(changeTimesAt(descriptor, null, modified), "setting the time of", name);
  closeSync(descriptor);
}

/** Does something with each entry, which is gone afterwards: so memory stays that of one piece of the list. */
export function drainDirectory(
  { descriptor, name: called }: Directory,
  drain: (name: Bytes) => void,
): void {
  let last: Bytes | undefined;
  for (;;) {
    // A list is read once from its beginning by each descriptor.
    const list = check(openDirectoryAt(descriptor, HERE), "opening", called);
    const names = listNames(list);
    closeSync(list);
    if (typeof names === "number") throw failedWith(names, "reading", called);
    if (names.length === 0) return;
    if (names[0] === last)
      throw refuseArchive(
        `emptying ${quote(short(called))}: ${quote(short(names[0]!))} stays`,
      );
    last = names[0];
    for (const name of names) drain(name);
  }
}

/** Does something with each name; what is removed meanwhile is no trouble. */
export function forEachName(
  { descriptor, name: called }: Directory,
  body: (name: Bytes) => void,
): void {
  const list = check(openDirectoryAt(descriptor, HERE), "opening", called);
  try {
    for (;;) {
      const names = listNames(list);
      if (typeof names === "number") throw failedWith(names, "reading", called);
      if (names.length === 0) return;
      for (const name of names) body(name);
    }
  } finally {
    closeSync(list);
  }
}

/** Removes an entry with all that is in it; one that is not there will do. */
export function removeEntry(parent: number, name: Bytes): void {
  const result = unlinkAt(parent, name, 0);
  if (result >= 0 || result === -ERRNO.ENOENT) return;
  const status = statusAt(parent, name);
  if (!isDirectory(status)) throw failedWith(result, "removing", name);
  if (unlinkAt(parent, name, REMOVE_DIRECTORY) >= 0) return;
  const directory = enterDirectory(parent, name, status);
  emptyDirectory(directory);
  closeSync(directory.descriptor);
  check(unlinkAt(parent, name, REMOVE_DIRECTORY), "removing", name);
}

export function emptyDirectory(directory: Directory): void {
  const { descriptor } = directory;
  drainDirectory(directory, (name) => removeEntry(descriptor, name));
}

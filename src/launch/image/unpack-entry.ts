/**
 * Makes the entries of an archive.
 *
 * Security model: the root that is filled is all that can be written here,
 * since this runs in an instance (see import-image.ts). Beside that, an entry
 * is made by one name in the descriptor of its parent, which the way led to
 * without a link: a link in the archive is a thing that is stored and never a
 * way that is taken. What is in the place of a new entry is removed, not opened.
 */

import { closeSync } from "node:fs";
import { S_IF } from "../../../syscalls/constants/stat.table.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { parseEntryPath, short } from "../../plan/image/entry-path.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import {
  check,
  enterDirectory,
  failedWith,
  isDirectory,
  leaveDirectory,
  removeEntry,
} from "./directory.ts";
import type { Directory } from "./directory.ts";
import { changeOwner, dressEntry, setAttributes } from "./dress-entry.ts";
import type { DressKind, Losses, Policy } from "./dress-entry.ts";
import {
  createFileAt,
  linkAt,
  makeDirectoryAt,
  makeNodeAt,
  makeSymlinkAt,
  statusAt,
} from "./file-calls.ts";
import { failureText } from "./failure-text.ts";
import type { TarEntry } from "./read-tar.ts";
import type { Way } from "./way.ts";
import { withExisting } from "./way.ts";
import { writeSegments } from "./write-segments.ts";

/** Where entries go, and how. */
export interface Target {
  readonly way: Way;
  readonly policy: Policy;
  readonly losses: Losses;
  /** Told of a directory that was there before an entry for it came. */
  readonly claimed: (directory: Directory) => void;
}

const HERE = "." as Bytes;

export async function unpackEntry(
  target: Target,
  path: readonly Bytes[],
  entry: TarEntry,
): Promise<void> {
  const name = path.at(-1);
  if (name === undefined) return setRoot(target, entry);
  const at = [target.way.to(path).descriptor, name] as const;
  const kind = await makeEntry(target, at, entry);
  if (kind !== null) dressEntry(at, entry, kind, target);
}

type Place = readonly [parent: number, name: Bytes];

/** What was made and is to be dressed, or null. */
async function makeEntry(
  target: Target,
  at: Place,
  entry: TarEntry,
): Promise<DressKind | null> {
  switch (entry.type) {
    case "1":
      makeHardLink(target, at, entry);
      return null;
    case "2":
      makeLink(at, entry);
      return "link";
    case "3":
    case "4":
    case "6":
      return makeNode(target, at, entry) ? "file" : null;
    case "M":
      throw refuseArchive("it is one of several volumes");
    default:
      if (isDirectoryEntry(entry)) {
        makeDirectory(target, at);
        return "directory";
      }
      // By POSIX an unknown type is a file.
      await makeFile(at, entry);
      return "file";
  }
}

/** Before POSIX a directory was a name with a slash at its end; GNU's D has a list of names besides. */
function isDirectoryEntry({ type, name }: TarEntry): boolean {
  return type === "5" || type === "D" || (type === "0" && name.endsWith("/"));
}

/** Makes something, in the place of what is there. */
function replacing([parent, name]: Place, make: () => number): number {
  let result = make();
  if (result === -ERRNO.EEXIST) {
    removeEntry(parent, name);
    result = make();
  }
  return result;
}

function makeDirectory({ claimed }: Target, at: Place): void {
  const [parent, name] = at;
  const make = () => makeDirectoryAt(parent, name, 0o700);
  const result = make();
  if (result >= 0) return;
  const status = statusAt(parent, name);
  if (!isDirectory(status)) {
    check(replacing(at, make), "making", name);
    return;
  }
  const directory = enterDirectory(parent, name, status);
  claimed(directory);
  leaveDirectory(directory);
}

async function makeFile(at: Place, entry: TarEntry): Promise<void> {
  const [parent, name] = at;
  const result = replacing(at, () => createFileAt(parent, name));
  const file = check(result, "making", name);
  try {
    await writeSegments(file, entry);
  } catch (error) {
    const text = failureText(error);
    if (text === null) throw error;
    throw refuseArchive(`writing ${quote(short(name))}: ${text}`);
  } finally {
    closeSync(file);
  }
}

function makeLink(at: Place, { link }: TarEntry): void {
  const [parent, name] = at;
  if (link === "" || link.includes("\0"))
    throw refuseArchive(`the link ${quote(short(name))} leads nowhere`);
  const result = replacing(at, () => makeSymlinkAt(link, parent, name));
  check(result, "linking", name);
}

/** To something that came before it in the same archive; a link is linked itself. */
function makeHardLink({ way }: Target, at: Place, entry: TarEntry): void {
  const path = parseEntryPath(entry.link);
  const made =
    path.length > 0 &&
    withExisting(way.root, path, (from, last) => {
      const [parent, name] = at;
      let result = linkAt(from, last, parent, name, 0);
      if (result === -ERRNO.EEXIST && !isSame([from, last], at)) {
        removeEntry(parent, name);
        result = linkAt(from, last, parent, name, 0);
      }
      check(result === -ERRNO.EEXIST ? 0 : result, "linking", name);
      return true;
    });
  if (made === true) return;
  const name = quote(short(entry.name));
  throw refuseArchive(
    `the hard link ${name} leads to ${quote(short(entry.link))}, which is no file before it in the archive`,
  );
}

/** Whether both are the same file already. */
function isSame(one: Place, other: Place): boolean {
  const [a, b] = [statusAt(...one), statusAt(...other)];
  return (
    typeof a === "object" &&
    typeof b === "object" &&
    a.inode === b.inode &&
    a.device === b.device
  );
}

/** False for a device that is left out. */
function makeNode(
  { policy, losses }: Target,
  at: Place,
  { type, device }: TarEntry,
): boolean {
  const [parent, name] = at;
  const fifo = type === "6";
  if (!fifo && policy.ignoreDevices) return false;
  const kind = fifo ? S_IF.IFO : type === "3" ? S_IF.CHR : S_IF.BLK;
  const number = fifo ? 0 : deviceNumber(device);
  const result = replacing(at, () =>
    makeNodeAt(parent, name, kind | 0o600, number),
  );
  if (result >= 0) return true;
  if (fifo || result !== -ERRNO.EPERM) throw failedWith(result, "making", name);
  losses.devices += 1;
  return false;
}

/** As the kernel takes it: 20 bits of minor around 12 of major. */
function deviceNumber({ major, minor }: TarEntry["device"]): number {
  return (
    (minor & 0xff) +
    (major & 0xfff) * 0x100 +
    ((minor >> 8) & 0xfff) * 0x10_0000
  );
}

/** The root gets its mode and time when it is left. */
function setRoot(
  { way, policy, losses, claimed }: Target,
  entry: TarEntry,
): void {
  if (!isDirectoryEntry(entry))
    throw refuseArchive("it has something else than a directory for a root");
  const { root } = way;
  way.finish();
  root.mode = entry.mode;
  root.modified = entry.modified;
  const at = [root.descriptor, HERE] as const;
  if (policy.keepIds) changeOwner(at, entry);
  losses.attributes += setAttributes(at, entry.attributes, policy);
  claimed(root);
}

/**
 * The directory that is filled before it has its name: DIR.partial-XXXXXXXX
 * beside DIR. It is held by a lock as long as its maker lives, so that one whose
 * maker was killed is known, and removed by the next import of DIR.
 */

import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { bytesFrom, quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import { emptyDirectory, enterDirectory, isDirectory } from "./directory.ts";
import { failureText } from "./failure-text.ts";
import {
  lockFile,
  openDirectoryAt,
  statusAt,
  WORKING_DIRECTORY,
} from "./file-calls.ts";

export interface PartialDirectory {
  readonly path: Bytes;
  readonly descriptor: number;
  /** The file beside it for the image's config. */
  readonly configPath: Bytes;
  readonly config: number;
}

const HERE = "." as Bytes;
const PRIVATE = 0o700;
/** LOCK_EX|LOCK_NB of flock(2). */
const LOCK = 2 | 4;

export function pathOf(path: Bytes): Buffer {
  return Buffer.from(path, "latin1");
}

/** Runs what node:fs does, and says in our words what the kernel refused. */
export function attempt<T>(action: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    const text = failureText(cause);
    if (text === null) throw cause;
    const message = `Cannot ${action}: ${text}`;
    throw new SelfdockError("launch", message, null, cause);
  }
}

function openDirectory(path: Bytes): number {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  return openSync(pathOf(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** Nobody but the caller can enter it. */
export function makePartial(directory: Bytes): PartialDirectory {
  const random = crypto.getRandomValues(Buffer.alloc(4)).toString("hex");
  const path = `${directory}.partial-${random}` as Bytes;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return attempt(`make ${quote(directory)}`, () => {
    mkdirSync(pathOf(path), PRIVATE);
    const descriptor = openDirectory(path);
    lockFile(descriptor, LOCK);
    const file = `${path}.json` as Bytes;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const config = openSync(pathOf(file), flags, 0o644);
    return { path, descriptor, configPath: file, config };
  });
}

/** Empties it by this process's own rights; false if those are not enough. */
function emptyPartial(descriptor: number): boolean {
  try {
    const status = statusAt(descriptor, HERE);
    if (!isDirectory(status)) return false;
    const entered = enterDirectory(descriptor, HERE, status);
    emptyDirectory(entered);
    closeSync(entered.descriptor);
    return true;
  } catch (error) {
    if (error instanceof SelfdockError) return false;
    throw error;
  }
}

/** Removes it and its file; `clean` is called for what belongs to the caller's subordinate ids. */
export function removePartial(
  { path, descriptor }: Pick<PartialDirectory, "path" | "descriptor">,
  clean: (descriptor: number) => void,
): void {
  rmSync(pathOf(`${path}.json` as Bytes), { force: true });
  if (!emptyPartial(descriptor)) clean(descriptor);
  attempt(`remove ${quote(path)}`, () => rmdirSync(pathOf(path)));
}

/** Made by `makePartial` of the same user, and not finished. */
function isOwnPartial(descriptor: number, uid: number): boolean {
  const status = statusAt(descriptor, HERE);
  return (
    isDirectory(status) &&
    status.uid === uid &&
    (status.mode & 0o7777) === PRIVATE
  );
}

/** Removes what imports of the same directory left that were killed; nothing of somebody else's. */
export function removeStale(
  directory: Bytes,
  uid: number,
  clean: (descriptor: number) => void,
): void {
  const at = directory.lastIndexOf("/") + 1;
  const prefix = `${directory.slice(at)}.partial-`;
  const parent = directory.slice(0, at) as Bytes;
  const names = attempt(`look into ${quote(parent)}`, () =>
    readdirSync(pathOf(parent), { encoding: "buffer" }),
  );
  for (const name of names.map((each) => bytesFrom(each))) {
    if (!name.startsWith(prefix)) continue;
    if (!/^[0-9a-f]{8}$/.test(name.slice(prefix.length))) continue;
    const path = `${parent}${name}` as Bytes;
    const descriptor = openDirectoryAt(WORKING_DIRECTORY, path);
    if (descriptor < 0) continue; // somebody else's, or gone
    if (isOwnPartial(descriptor, uid) && lockFile(descriptor, LOCK) >= 0)
      removePartial({ path, descriptor }, clean);
    closeSync(descriptor);
  }
}

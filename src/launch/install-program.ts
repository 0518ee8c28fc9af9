/**
 * `install` and `uninstall`: a copy of this very program for every user, and
 * what belongs to it.
 *
 * Security model: a setuid copy is only as safe as its place. It is made under
 * a name of its own by root, in a directory that nobody else can change at any
 * level, gets its owner and mode when it is complete and on the disk, and takes
 * the place of an older one by rename. So does every other file, since root
 * writes it. What cannot be made safe is refused, before anything is written.
 */

import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { bytesFrom, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { failureText } from "./image/failure-text.ts";
import { ignoresSetuid } from "./probe-filesystem.ts";

/** A file that goes with the program. */
export interface Companion {
  readonly directory: Bytes;
  readonly name: string;
  /** Its directory is nobody else's, and goes with it. */
  readonly own: boolean;
  /** It is of use only where this exists, or null: everywhere. */
  readonly where: Bytes | null;
  readonly render: () => string;
}

/** Where things go. */
export interface Installation {
  /** What the final paths lie below while a package is made (DESTDIR), or empty. */
  readonly destination: Bytes;
  /** Where the program goes, as the other paths without the destination. */
  readonly binaries: Bytes;
  readonly companions: readonly Companion[];
}

const SETUID = 0o4000;
const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o022;
const ROOT = 0;

/** Copies this program to its place with its companions, whose paths it returns. Root only. */
export function installProgram(
  installation: Installation,
  mode: number,
  uid: number,
): readonly Bytes[] {
  requireRoot(uid, "install");
  // Directories that are made are for everybody, and root's alone to write.
  process.umask(OTHERS_MAY_WRITE);
  const wanted = installation.companions.filter(
    ({ where }) =>
      where === null || existsSync(pathOf(below(installation, where))),
  );
  const setuid = (mode & SETUID) !== 0;
  const binaries = chooseDirectory(below(installation, installation.binaries));
  if (setuid) requireSetuidBits(binaries.existing);
  const places = wanted.map(({ directory, name, render }) => {
    const place = chooseDirectory(below(installation, directory));
    return { place, name, content: Buffer.from(render()) };
  });
  for (const { place, name, content } of places)
    writeInto(place, name, { mode: 0o644, content });
  const program = { mode, content: readFileSync("/proc/self/exe") };
  writeInto(binaries, "selfdock", program);
  return wanted.map(({ directory, name }) => `${directory}/${name}` as Bytes);
}

/** Removes what `installProgram` has made; an error if there is nothing. Root only. */
export function uninstallProgram(
  installation: Installation,
  uid: number,
): void {
  requireRoot(uid, "uninstall");
  const { binaries, companions } = installation;
  const program = `${below(installation, binaries)}/selfdock` as Bytes;
  attempt(`remove ${quote(program)}`, () => rmSync(pathOf(program)));
  for (const { directory, name, own } of companions) {
    const path = below(installation, directory);
    attempt(`remove ${quote(`${path}/${name}` as Bytes)}`, () => {
      rmSync(pathOf(`${path}/${name}` as Bytes), { force: true });
      if (own) removeEmpty(path);
    });
  }
}

function below({ destination }: Installation, path: Bytes): Bytes {
  return `${destination}${path}`.replaceAll(/\/{2,}/g, "/") as Bytes;
}

/** Leaves a directory that is not there or holds something. */
function removeEmpty(directory: Bytes): void {
  try {
    rmdirSync(pathOf(directory));
  } catch {
    // What others have put there stays.
  }
}

function requireRoot(uid: number, action: string): void {
  if (uid === ROOT) return;
  throw new SelfdockError(
    "launch",
    `Cannot ${action} selfdock: only root can`,
    `as root: selfdock ${action}`,
  );
}

/** A directory to write into. */
interface Directory {
  /** The deepest one on the way that is there already, as the kernel names it. */
  readonly existing: Bytes;
  /** What is to be made below it, or empty. */
  readonly missing: string;
}

/** Refuses a directory that somebody else could change on the way. */
function chooseDirectory(path: Bytes): Directory {
  const parts = path.replace(/\/+$/, "").split("/");
  for (let length = parts.length; length > 0; length--) {
    const ancestor = (parts.slice(0, length).join("/") || "/") as Bytes;
    try {
      const existing = bytesFrom(
        realpathSync.native(pathOf(ancestor), "buffer"),
      );
      requireSafePlace(existing);
      return { existing, missing: parts.slice(length).join("/") };
    } catch (error) {
      if (error instanceof SelfdockError) throw error;
      // Not there: the one above.
    }
  }
  return { existing: "/" as Bytes, missing: parts.slice(1).join("/") };
}

/** In a sticky directory, as /tmp is, nobody can put anything in the place of root's. */
function requireSafePlace(directory: Bytes): void {
  const parts = directory.split("/");
  for (let length = parts.length; length > 0; length--) {
    const ancestor = (parts.slice(0, length).join("/") || "/") as Bytes;
    const { uid, mode } = lstatSync(pathOf(ancestor));
    const sticky = length < parts.length && (mode & STICKY) !== 0;
    if (uid === ROOT && ((mode & OTHERS_MAY_WRITE) === 0 || sticky)) continue;
    throw new SelfdockError(
      "launch",
      `Cannot install in ${quote(directory)}: users other than root can write ${quote(ancestor)}`,
      "choose another --prefix; without installing, a copy of the program works as well",
    );
  }
}

function requireSetuidBits(directory: Bytes): void {
  if (!ignoresSetuid(directory)) return;
  throw new SelfdockError(
    "launch",
    `Cannot install setuid in ${quote(directory)}: its filesystem is mounted nosuid`,
    "choose another --prefix, or --mode 0755 to install without setuid",
  );
}

function writeInto(
  { existing, missing }: Directory,
  name: string,
  file: { mode: number; content: Uint8Array },
): void {
  const directory = `${existing === "/" ? "" : existing}${missing === "" ? "" : `/${missing}`}`;
  attempt(`install in ${quote(directory as Bytes)}`, () => {
    mkdirSync(pathOf(directory as Bytes), { recursive: true, mode: 0o755 });
    // Once more, with what was made.
    requireSafePlace(directory as Bytes);
    replaceFile(`${directory}/${name}` as Bytes, file);
  });
}

/** Writes the file beside its place and puts it there whole. */
function replaceFile(
  path: Bytes,
  { mode, content }: { mode: number; content: Uint8Array },
): void {
  const partial = pathOf(`${path}.partial-${process.pid}` as Bytes);
  const flags =
    constants.O_WRONLY |
    constants.O_CREAT |
    constants.O_EXCL |
    constants.O_NOFOLLOW;
  const file = openSync(partial, flags, 0o600);
  try {
    for (let written = 0; written < content.length;)
      written += writeSync(file, content, written);
    fchownSync(file, ROOT, ROOT);
    fsyncSync(file);
    fchmodSync(file, mode);
    renameSync(partial, pathOf(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Says what failed in selfdock's own words. */
function attempt(action: string, body: () => void): void {
  try {
    body();
  } catch (cause) {
    if (cause instanceof SelfdockError) throw cause;
    const state = failureText(cause) ?? String(cause);
    throw new SelfdockError(
      "launch",
      `Cannot ${action}: ${state}`,
      null,
      cause,
    );
  }
}

function pathOf(path: Bytes): Buffer {
  return Buffer.from(path, "latin1");
}

/**
 * `install` and `uninstall`: a copy of this very program for every user.
 *
 * Security model: a setuid copy is only as safe as its place. It is made under
 * a name of its own by root, in a directory that nobody else can change at any
 * level, gets its owner and mode when it is complete and on the disk, and takes
 * the place of an older one by rename. What cannot be made safe is refused.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { bytesFrom, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { ignoresSetuid } from "./probe-filesystem.ts";

/** Where things go. */
export interface Installation {
  /** What the final paths lie below while a package is made (DESTDIR), or empty. */
  readonly destination: Bytes;
  /** Absolute. */
  readonly prefix: Bytes;
}

const SETUID = 0o4000;
const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o022;
const ROOT = 0;

/** Copies this program to PREFIX/bin/selfdock, and `licences` beside it. Root only. */
export function installProgram(
  installation: Installation,
  { mode, licences }: { mode: number; licences: string },
  uid: number,
): void {
  requireRoot(uid, "install");
  const { binaries, documents } = pathsOf(installation);
  if ((mode & SETUID) !== 0) requireSafePlace(existingAncestor(binaries));
  attempt(`make ${quote(binaries)}`, () =>
    mkdirSync(pathOf(binaries), { recursive: true, mode: 0o755 }),
  );
  const directory = bytesFrom(realpathSync.native(pathOf(binaries), "buffer"));
  if ((mode & SETUID) !== 0) requireSafePlace(directory); // once more, with what was made
  attempt(`install in ${quote(directory)}`, () => {
    replaceFile(
      `${directory}/selfdock` as Bytes,
      mode,
      readFileSync("/proc/self/exe"),
    );
    mkdirSync(pathOf(documents), { recursive: true, mode: 0o755 });
    replaceFile(
      `${documents}/licences.md` as Bytes,
      0o644,
      Buffer.from(licences),
    );
  });
}

/** Removes what `installProgram` has made; an error if there is nothing. Root only. */
export function uninstallProgram(
  installation: Installation,
  uid: number,
): void {
  requireRoot(uid, "uninstall");
  const { binaries, documents } = pathsOf(installation);
  const program = `${binaries}/selfdock` as Bytes;
  attempt(`remove ${quote(program)}`, () => {
    rmSync(pathOf(program));
    rmSync(pathOf(documents), { recursive: true, force: true });
  });
}

function pathsOf({ destination, prefix }: Installation): {
  binaries: Bytes;
  documents: Bytes;
} {
  const base = `${destination}${prefix}`.replace(/\/+$/, "");
  return {
    binaries: `${base}/bin` as Bytes,
    documents: `${base}/share/doc/selfdock` as Bytes,
  };
}

function requireRoot(uid: number, action: string): void {
  if (uid === ROOT) return;
  throw new SelfdockError(
    "launch",
    `Cannot ${action} selfdock: only root can`,
    `as root: selfdock ${action}`,
  );
}

/** The deepest directory on the way that is there already, as the kernel names it. */
function existingAncestor(path: Bytes): Bytes {
  const parts = path.split("/");
  for (let length = parts.length; length > 1; length--) {
    const ancestor = parts.slice(0, length).join("/") as Bytes;
    try {
      return bytesFrom(realpathSync.native(pathOf(ancestor), "buffer"));
    } catch {
      // Not there: the one above.
    }
  }
  return "/" as Bytes;
}

/**
 * Root's alone up to `/`, and on a filesystem that heeds the setuid bit. In a
 * sticky directory, as /tmp is, nobody can put anything in the place of root's.
 */
function requireSafePlace(directory: Bytes): void {
  const refuse = (state: string) =>
    new SelfdockError(
      "launch",
      `Cannot install setuid in ${quote(directory)}: ${state}`,
      "choose another --prefix, or --mode 0755 to install without setuid",
    );
  const parts = directory.split("/");
  for (let length = parts.length; length > 0; length--) {
    const ancestor = (parts.slice(0, length).join("/") || "/") as Bytes;
    const { uid, mode } = lstatSync(pathOf(ancestor));
    const sticky = length < parts.length && (mode & STICKY) !== 0;
    if (uid === ROOT && ((mode & OTHERS_MAY_WRITE) === 0 || sticky)) continue;
    throw refuse(`users other than root can write ${quote(ancestor)}`);
  }
  if (ignoresSetuid(directory))
    throw refuse("its filesystem is mounted nosuid");
}

/** Writes the file beside its place and puts it there whole. */
function replaceFile(path: Bytes, mode: number, content: Uint8Array): void {
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
    const state =
      cause instanceof Error && "code" in cause
        ? String(cause.code)
        : String(cause);
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

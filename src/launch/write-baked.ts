/**
 * Puts a baked file in its place, whole or not at all. Security model: written
 * with the caller's ids, after any saved root was given up for good; under a
 * name of its own, which must be new, then renamed. A link that has the name is
 * never followed, and nothing but a regular file is replaced.
 */

import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { failureText } from "./image/failure-text.ts";
import type { Handover } from "./read-handover.ts";

/** Less the caller's umask. */
const MODE = 0o755;

export function writeBaked(
  file: Bytes,
  content: Uint8Array,
  handover: Handover,
): void {
  const path = absolutePath(file, handover);
  const action = `write ${quote(file)}`;
  try {
    requireReplaceable(path, action);
    replace(path, content);
  } catch (cause) {
    const text = failureText(cause);
    if (text === null) throw cause;
    const message = `Cannot ${action}: ${text}`;
    throw new SelfdockError("launch", message, null, cause);
  }
}

/** The path of a file of the caller's: our own directory is another. */
export function absolutePath(
  file: Bytes,
  { directory }: Pick<Handover, "directory">,
): Bytes {
  if (file.startsWith("/")) return file;
  if (directory !== null) return `${directory}/${file}` as Bytes;
  throw new SelfdockError(
    "launch",
    `Cannot find ${quote(file)}: your directory has no path any more`,
  );
}

function requireReplaceable(path: Bytes, action: string): void {
  const status = lstatSync(pathOf(path), { throwIfNoEntry: false });
  if (status === undefined || status.isFile()) return;
  const kind = status.isDirectory()
    ? "it is a directory"
    : status.isSymbolicLink()
      ? "it is a symbolic link"
      : "it is no regular file";
  throw new SelfdockError(
    "launch",
    `Cannot ${action}: ${kind}`,
    "only a regular file is replaced",
  );
}

function replace(path: Bytes, content: Uint8Array): void {
  const partial = pathOf(`${path}.partial-${process.pid}` as Bytes);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = openSync(
    partial,
    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
    MODE,
  );
  try {
    try {
      for (let written = 0; written < content.length;)
        written += writeSync(file, content, written);
    } finally {
      closeSync(file);
    }
    renameSync(partial, pathOf(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function pathOf(path: Bytes): Buffer {
  return Buffer.from(path, "latin1");
}

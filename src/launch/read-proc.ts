/** Reading files of /proc, which may be gone at any moment. */

import { closeSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { bytesFrom, type Bytes } from "../plan/bytes.ts";

const PAGE = 4096;

/** Follows links; undefined if it cannot be looked at. */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** All of a file; null if it cannot be read, or its process has ended. */
export function readText(path: string): Bytes | null {
  const bytes = readBytes(path);
  return bytes === null ? null : bytesFrom(bytes);
}

const room = new Uint8Array(2 ** 21 + PAGE);

/** What one reading gives of a file, by default more than any argument list has; valid until the next call. */
export function readBytes(path: string, size = room.length): Uint8Array | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    return room.subarray(0, readSync(file, room, 0, size, null));
  } catch {
    return null; // ESRCH: it has ended
  } finally {
    closeSync(file);
  }
}

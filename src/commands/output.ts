/**
 * Writing to descriptors 1 and 2. Never through `process.stdout` or
 * `process.stderr`: touching either sets O_NONBLOCK on a pipe that is shared
 * with the caller, and it stays (Bun 1.4.5).
 */

import { writeSync } from "node:fs";
import { unwritable } from "../launch/unwritable.ts";

const LONGEST_WAIT = 50;

/** The errno name of a failed call. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "EIO";
}

/** Writes all of it; null, or the errno name of what stopped it. */
function writeAll(descriptor: 1 | 2, text: string): string | null {
  let rest: Uint8Array = Buffer.from(text, "utf8");
  let wait = 1;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
      wait = 1;
    } catch (error) {
      const code = codeOf(error);
      if (code === "EINTR") continue;
      if (code !== "EAGAIN") return code;
      // The caller's pipe is non-blocking and full: wait as a blocking one would.
      Bun.sleepSync(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
  return null;
}

/**
 * Writes what was asked for to standard output. A reader that has gone (EPIPE,
 * as in `selfdock --help | head -1`) has what it wanted; anything else that
 * keeps part of the text back is an error.
 */
export function writeOutput(text: string): void {
  const code = writeAll(1, text);
  if (code === null || code === "EPIPE") return;
  throw unwritable(code);
}

/** Writes a message. Where it cannot be written there is nobody to tell. */
export function writeMessage(text: string): void {
  writeAll(2, text);
}

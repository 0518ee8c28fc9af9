/**
 * The umask of this process. The kernel has no call that only tells it: umask(2)
 * would change it for a moment, and what another thread makes meanwhile would be
 * open to others, or closed to its own.
 */

import { openSync } from "node:fs";
import { SelfdockError } from "../plan/error.ts";
import { defineCall } from "./define-call.ts";

/** It is in the second line; the first has a name of 64 bytes at most. */
const HEAD = 128;

const read = defineCall("pread64", [
  "number",
  { buffer: HEAD },
  "number",
  "number",
]);

let status: number | null = null;

/** As it is now. Throws a SelfdockError where there is no /proc. */
export function probeUmask(): number {
  const size = read((status ??= openStatus()), HEAD, 0);
  const head = Buffer.from(read.buffers[0]!).toString("latin1", 0, size);
  const found = /^Umask:\t([0-7]+)$/m.exec(head);
  if (found !== null) return Number.parseInt(found[1]!, 8);
  throw new SelfdockError("launch", UNKNOWN);
}

const UNKNOWN =
  "Cannot start an instance: /proc/self/status does not tell the umask of this process";

function openStatus(): number {
  try {
    return openSync("/proc/self/status", "r");
  } catch (cause) {
    throw new SelfdockError("launch", UNKNOWN, null, cause);
  }
}

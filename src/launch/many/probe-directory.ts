/** This process's working directory as it is now. */

import { statSync } from "node:fs";
import { bytesOf } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { cannotOpenDirectory } from "../make-pipe.ts";

/** Its path; null if it has none, as one that was removed. */
export function probeDirectory(): Bytes | null {
  try {
    return bytesOf(process.cwd());
  } catch {
    return null;
  }
}

/** What tells it from every other, as long as it is open here: another may have its path by now. */
export function identifyDirectory(): string {
  try {
    const { dev, ino } = statSync(".");
    return `${dev}:${ino}:${probeDirectory()}`;
  } catch (cause) {
    throw cannotOpenDirectory(cause);
  }
}

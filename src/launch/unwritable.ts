/** Why standard output does not take what is written to it. */

import { SelfdockError } from "../plan/error.ts";

const STATES: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  EDQUOT: "disk quota exceeded",
  EFBIG: "the file would become too large",
  EBADF: "it is closed or not open for writing",
  EIO: "input/output error",
};

/** By the errno's name. */
export function unwritable(code: string): SelfdockError {
  return new SelfdockError(
    "launch",
    `Cannot write to standard output: ${STATES[code] ?? code}`,
  );
}

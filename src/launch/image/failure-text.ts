/** What node:fs says when the kernel refuses something, in our words. */

import { ERRNO, errnoText } from "../../../syscalls/errno.table.ts";

/** Null for an error that is not the kernel's. */
export function failureText(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOSPC") return "no room is left on the filesystem";
  return typeof code === "string" && code in ERRNO
    ? errnoText(ERRNO[code as keyof typeof ERRNO])
    : null;
}

/** An error that need not be one: what there is too little of now there may be later, or with less at once. */

import { ERRNO } from "../../syscalls/errno.table.ts";
import { SelfdockError } from "./error.ts";

/** For lack of descriptors, processes, memory or namespaces. */
export class ShortageError extends SelfdockError {}

/** What the kernel says then. */
const SHORTAGES: ReadonlySet<number> = new Set([
  ERRNO.EAGAIN,
  ERRNO.EMFILE,
  ERRNO.ENFILE,
  ERRNO.ENOMEM,
  ERRNO.ENOSPC,
]);

/** Why there is no instance, where the kernel has said it with this errno. */
export function launchError(
  errno: number,
  message: string,
  hint: string | null = null,
): SelfdockError {
  const kind = SHORTAGES.has(errno) ? ShortageError : SelfdockError;
  return new kind("launch", message, hint);
}

/** Why a system call of this process has not done what a launch needs. */

import { errnoName, errnoText } from "../../syscalls/errno.table.ts";
import type { SelfdockError } from "../plan/error.ts";
import { launchError } from "../plan/shortage.ts";

/** `action` is what cannot be done, with its object. */
export function failedCall(action: string, errno: number): SelfdockError {
  return launchError(
    errno,
    `Cannot ${action}: ${errnoText(errno)} (${errnoName(errno)})`,
  );
}

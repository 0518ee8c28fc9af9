/** `--rootless`: a saved root is given up for good, for every thread there is. */

import { setAllUsersOfAllThreads } from "../../syscalls/ffi.ts";
import { SelfdockError } from "../plan/error.ts";
import type { Handover } from "./read-handover.ts";

export function giveUpSavedRoot({
  uid,
  savedUid,
}: Pick<Handover, "uid" | "savedUid">): void {
  if (savedUid === uid) return;
  if (!setAllUsersOfAllThreads(uid))
    throw new SelfdockError(
      "launch",
      "Cannot give up the saved user id: the kernel refuses",
    );
}

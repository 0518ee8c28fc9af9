/** Why the root could not be made writable in memory, and what helps. */

import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Step } from "../../syscalls/program.ts";
import { SCRATCH } from "../plan/plan-scratch.ts";

const WITHOUT = "without --scratch the root is read-only";

const CAUSES: Readonly<
  Partial<Record<string, Readonly<Record<number, string>>>>
> = {
  fsopen: {
    [ERRNO.ENODEV]: "this kernel has no overlayfs (CONFIG_OVERLAY_FS)",
    [ERRNO.EPERM]:
      "this kernel, or a filter around this process, allows no new filesystem here",
    [ERRNO.ENOSYS]:
      "a filter of system calls (seccomp) around this process allows no new filesystem",
  },
  fsconfig: {
    [ERRNO.EPERM]:
      "this kernel allows no overlay in a user namespace, as Linux does from 5.11 on",
    [ERRNO.EINVAL]:
      "the root's filesystem takes no overlay, or is one on another already, which is the most that Linux allows: --scratch within --scratch within --scratch",
  },
};

/** A hint where the failed step is about an overlay; null otherwise. */
export function explainScratch(step: Step, errno: number): string | null {
  if (step.part.action !== SCRATCH) return null;
  const cause = CAUSES[step.operation]?.[errno];
  return cause === undefined ? null : `${cause}; ${WITHOUT}`;
}

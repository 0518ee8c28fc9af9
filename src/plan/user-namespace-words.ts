/** What is said where unprivileged user namespaces are refused: which switch it is, and what helps. */

import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Step } from "../../syscalls/program.ts";
import { MAKING_PROC } from "./plan-proc.ts";

/** Calls that fail first where a new user namespace is refused or comes without its rights. */
const TELLING_CALLS = new Set<string>([
  "clone3",
  "openat",
  "write",
  "mount",
  "open_tree",
  "mount_setattr",
  "fsopen",
  "fsmount",
]);

/** Errors of calls behind the clone that mean that the namespace has no rights. */
export const NO_RIGHTS: readonly number[] = [ERRNO.EPERM, ERRNO.EACCES];

/** How a failure of the step is told: by any errno, by one of NO_RIGHTS, by EPERM of a procfs, or not at all. */
export function refusalOf({
  operation,
  part,
}: Step): "any" | "rights" | "proc" | null {
  if (operation === "clone3") return "any";
  // mount_too_revealing() of the kernel: its own procfs is covered in part.
  if (operation === "fsmount" && part.action === MAKING_PROC) return "proc";
  return TELLING_CALLS.has(operation) &&
    /^(map the caller's own ids|keep mounts|make )/.test(part.action)
    ? "rights"
    : null;
}

/** A switch of the host's: it forbids them if its file says so. */
export interface Switch {
  readonly file: string;
  /** One character. */
  readonly forbidding: string;
  readonly cause: string;
  readonly remedy: string;
}

export const SWITCHES: readonly Switch[] = [
  {
    file: "/proc/sys/user/max_user_namespaces",
    forbidding: "0",
    cause: "this host forbids user namespaces (user.max_user_namespaces is 0)",
    remedy: 'as root, "sysctl user.max_user_namespaces=15000"',
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    forbidding: "0",
    cause:
      "this host forbids unprivileged user namespaces (kernel.unprivileged_userns_clone is 0)",
    remedy: 'as root, "sysctl kernel.unprivileged_userns_clone=1"',
  },
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    forbidding: "1",
    cause:
      "AppArmor strips unprivileged user namespaces of their rights (kernel.apparmor_restrict_unprivileged_userns is 1)",
    remedy:
      'as root, "selfdock install", which writes the profile /etc/apparmor.d/usr.local.bin.selfdock, and "apparmor_parser -r" to load it; or "sysctl kernel.apparmor_restrict_unprivileged_userns=0"',
  },
];

/** The hint of a switch; `otherwise` is the other way to an instance. */
export function switchHint(
  { cause, remedy }: Switch,
  otherwise: string,
): string {
  return `${cause}; ${remedy}, or ${otherwise}`;
}

/** The hint where a procfs is refused. */
export const PROC_REFUSED =
  'no fresh /proc can be mounted here, since parts of this one are covered, as container engines have it; start the container with its /proc uncovered ("docker run --security-opt systempaths=unconfined", in Kubernetes "procMount: Unmasked"), or choose --proc none (an empty one) or --proc host (this one, read-only: it shows processes outside)';

/** The hint where no switch says why a step behind the clone failed. */
export function rightsHint(otherwise: string): string {
  return `the new user namespace has no rights here, as a security module may have it; allow it there, or ${otherwise}`;
}

/** How the filter of a container engine is left out. */
const UNFILTERED =
  '"docker run --security-opt seccomp=unconfined", in Kubernetes "seccompProfile: {type: Unconfined}"';

/** The errnos of clone3 that say something. */
export const CLONE_ERRNOS: readonly number[] = [
  ERRNO.ENOSPC,
  ERRNO.EUSERS,
  ERRNO.ENOSYS,
  ERRNO.EINVAL,
  ERRNO.EPERM,
];

/** The same for clone3. */
export function cloneHint(errno: number, otherwise: string): string {
  switch (errno) {
    case ERRNO.ENOSPC:
    case ERRNO.EUSERS:
      return `a limit on namespaces is reached (/proc/sys/user/max_*_namespaces, or their depth of 32); raise it as root, or ${otherwise}`;
    case ERRNO.ENOSYS:
      return `a filter of system calls (seccomp) around this process forbids new namespaces, as container engines have it; allow clone3 there (${UNFILTERED}), or ${otherwise}`;
    case ERRNO.EINVAL:
      return `this kernel has no user namespaces (CONFIG_USER_NS); ${otherwise}`;
    case ERRNO.EPERM:
      return `user namespaces are forbidden here by a filter (seccomp), a security module or a chroot; allow them there (in a container: ${UNFILTERED}), or ${otherwise}`;
    default:
      return `user namespaces could not be made; ${otherwise}`;
  }
}

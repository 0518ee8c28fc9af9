/** Which switch of this host forbids unprivileged user namespaces, and what helps. */

import { readFileSync } from "node:fs";
import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Step } from "../../syscalls/program.ts";

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

const REMEDIES = 'or install selfdock setuid: as root, "selfdock install"';

interface Switch {
  readonly file: string;
  readonly forbids: (value: string) => boolean;
  readonly cause: string;
  readonly remedy: string;
}

const SWITCHES: readonly Switch[] = [
  {
    file: "/proc/sys/user/max_user_namespaces",
    forbids: (value) => value === "0",
    cause: "this host forbids user namespaces (user.max_user_namespaces is 0)",
    remedy: 'as root, "sysctl user.max_user_namespaces=15000"',
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    forbids: (value) => value === "0",
    cause:
      "this host forbids unprivileged user namespaces (kernel.unprivileged_userns_clone is 0)",
    remedy: 'as root, "sysctl kernel.unprivileged_userns_clone=1"',
  },
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    forbids: (value) => value === "1",
    cause:
      "AppArmor strips unprivileged user namespaces of their rights (kernel.apparmor_restrict_unprivileged_userns is 1)",
    remedy:
      'as root, "selfdock install", which writes the profile /etc/apparmor.d/usr.local.bin.selfdock, and "apparmor_parser -r" to load it; or "sysctl kernel.apparmor_restrict_unprivileged_userns=0"',
  },
];

/** A hint where the failed step says that user namespaces are the trouble; null otherwise. */
export function explainUserNamespaces(
  step: Step,
  errno: number,
): string | null {
  if (!TELLING_CALLS.has(step.operation) || !isRefusal(step, errno))
    return null;
  const found = SWITCHES.find(({ file, forbids }) => forbids(readSwitch(file)));
  if (found !== undefined)
    return `${found.cause}; ${found.remedy}, ${REMEDIES}`;
  if (step.operation !== "clone3")
    return `the new user namespace has no rights here, as a security module may have it; allow it there, ${REMEDIES}`;
  return explainClone(errno);
}

/** Errors of clone3 that mean the namespace; of later calls, that its rights are missing. */
function isRefusal({ operation, part }: Step, errno: number): boolean {
  if (operation === "clone3") return true;
  return (
    (errno === ERRNO.EPERM || errno === ERRNO.EACCES) &&
    /^(map the caller's own ids|keep mounts|make )/.test(part.action)
  );
}

function explainClone(errno: number): string {
  switch (errno) {
    case ERRNO.ENOSPC:
    case ERRNO.EUSERS:
      return `a limit on namespaces is reached (/proc/sys/user/max_*_namespaces, or their depth of 32); raise it as root, ${REMEDIES}`;
    case ERRNO.EAGAIN:
      return "the limit on your processes is reached (ulimit -u)";
    case ERRNO.ENOSYS:
      return `a filter of system calls (seccomp) around this process forbids new namespaces, as container engines have it; allow clone3 there, ${REMEDIES}`;
    case ERRNO.EINVAL:
      return `this kernel has no user namespaces (CONFIG_USER_NS); ${REMEDIES.slice(3)}`;
    case ERRNO.EPERM:
      return `user namespaces are forbidden here by a filter (seccomp), a security module or a chroot; allow them there, ${REMEDIES}`;
    default:
      return `user namespaces could not be made; ${REMEDIES.slice(3)}`;
  }
}

function readSwitch(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}

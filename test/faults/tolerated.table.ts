/**
 * The steps whose failure does not end the Program, and why not: what the
 * instance is then. Where `changes` stands, every line in which it differs from
 * an instance in which nothing failed must match it; elsewhere none may differ.
 */

import { FRAME_TOLERATED } from "./tolerated-frame.table.ts";

export interface Tolerated {
  readonly step: RegExp;
  readonly reason: string;
  readonly changes?: RegExp;
}

const MOUNTED_RESOLVER = String.raw`^[-+] (/etc/resolv\.conf /etc/resolv\.conf ro,nosuid,nodev,noexec.*|\d+)$`;

/** The row of a step, as it is printed. */
export function toleranceOf(step: string): Tolerated | undefined {
  return [...TOLERATED, ...FRAME_TOLERATED].find((each) =>
    each.step.test(step),
  );
}

export const TOLERATED: readonly Tolerated[] = [
  {
    step: /^\w+ namespace = ioctl\(\d+, PIDFD_GET_\w+_NAMESPACE, 0\) or by its number$/,
    reason:
      "before Linux 6.11: by its number, which the descriptor vouches for at the end",
  },
  {
    step: /^close\(.*\) or go on$/,
    reason: "the descriptor closes at the execution: all that are ours do",
  },
  {
    step: /^munmap\(.*\) or go on$/,
    reason: "the memory stays until the process ends",
  },
  {
    step: /^controlling terminal = openat\(.*\) or group is decided$/,
    reason: "no terminal: a process group of its own, the stricter way",
  },
  {
    step: /^ioctl\([012], TIOC_GPGRP, .*\) or group is decided$/,
    reason: "not all on the terminal: the launcher's group, as in a pipeline",
  },
  {
    step: /^ioctl\(0, TIOC_SPGRP, .*\) or go on$/,
    reason: "the command stays in the background; the terminal says so",
  },
  {
    step: /^resolv\.conf = openat\(.*\) or no resolv\.conf$/,
    reason: "the host has no resolv.conf: neither has the instance",
    changes: new RegExp(MOUNTED_RESOLVER),
  },
  {
    step: /^resolv\.conf = openat2\(.*\) or beyond a mount$/,
    reason: "it is cloned at once, as what lies on another filesystem",
  },
  {
    step: /^resolv\.conf inside = openat2\(.*\) or missing$/,
    reason: "counts as missing: the host's is put there, or none in a build",
    changes: new RegExp(MOUNTED_RESOLVER),
  },
  {
    step: /^[\w' ]+ = (open_tree|statmount|openat2?|prctl|read|rt_sigtimedwait|process_vm_readv)\(.*\) or failed$/,
    reason: "asked once more, and then for good, unless it is gone",
  },
  {
    step: /^move_mount\(cover, .*\) or cover on top$/,
    reason:
      "before Linux 6.5 a cover goes on top, and what it covers stays below",
    changes: /^\+ \S+ \/\S+ r[ow],\S+ - /,
  },
  {
    step: /^fchownat\((tile|upper directory|memory|here|directory in memory), .*\) or go on$/,
    reason: "an owner that cannot be shown; what is made is read-only",
    changes: /^[-+] (\S+) (directory|symbolic link) 7\d\d 0 \d+ 0 0$/,
  },
  {
    step: /^fchownat\(holder, .*\) or go on$/,
    reason: "a directory that is made for a place stays root's",
    changes: /^[-+] \S+ directory 755 \d+ \d+ 0 0$/,
  },
  {
    step: /^may be written = faccessat\(.*\) or go on$/,
    reason: "no yes: the directory is shown without its owner's right to write",
    changes: /^[-+] (\/\S*|\.) directory \d+ /,
  },
  {
    step: /^directory below = openat\(.*\) or (whole|closed to the caller)$/,
    reason:
      "one that cannot be read gets an overlay if it can, else it is bound read-only, with covers",
    changes: /^[-+] \S+ \/\S* r[ow],\S+ - |^[-+] (\/\S*|\.) directory \d+ /,
  },
  {
    step: /^place on the way = openat2\(.*\) or nothing of the caller's$/,
    reason: "it does not exist inside: nothing is made for it",
  },
  {
    step: /^mkdirat\(holder, component, 0755\) or not ours$/,
    reason: "a tile is made instead, read-only",
    changes: /^[-+] /,
  },
  {
    step: /^(target|entry) = openat2?\(.*\) or (no such place|nothing there)$/,
    reason: "looked up again, and then for good, unless it is not there",
  },
  {
    step: /^chdir\(.*\) or go on$/,
    reason:
      "the caller's directory is not inside: the root; the launcher's own is only convenience",
    changes: /^[-+] (\. directory .*|PWD=.*|\/\S*)$/,
  },
  {
    step: /^(candidate's place = openat|statx)\(.*\) or another file$/,
    reason: "in a baked file's instance: no file of PATH is passed over",
  },
  {
    step: /^(result of execve = execve|faccessat)\(.*\) or (not executed|give up|next)$/,
    reason: "the search of execvp(3); behind the last there is no command",
  },
  {
    step: /^(file = openat|size of its head = read)\(.*\) or let the shell run it$/,
    reason: "what cannot be read is executed by the shell, which says why not",
  },
  {
    step: /^dropped = prctl\(PR_CAPBSET_DROP, .*\) or no such one$/,
    reason:
      "behind the last capability; what is left is looked at, and ends it",
  },
  {
    step: /^(close\(starter's end|read\(reports, &first report, .*)\) or nothing can be read$/,
    reason: "the instance is ended",
  },
  {
    step: /^kill\((child|who enters), go\) or held$/,
    reason: "the launcher ends, and the instance with it",
  },
  {
    step: /^setpgid\((0|child), (child|who enters|0)\) or go on$/,
    reason:
      "only on a terminal: the launcher stays in its group, as in a pipeline",
  },
  {
    step: /^command's group = getpgid\(command\) or pass it on$/,
    reason: "SIGCONT goes to the command alone",
  },
  {
    step: /^(waitid\(P_ALL, .* or no child here|kill\(child, 0\) or in the child)$/,
    reason:
      "launcher and child are told apart by two calls: if they disagree, the launch ends",
  },
  {
    step: /^result of execve = execve\("\/usr\/bin\/new[ug]idmap", .* or the helper did not start$/,
    reason: "its status says so, and the launch ends",
  },
  {
    step: /^kill\((child|who enters), SIGKILL\) or go on$/,
    reason: "it has ended, or ends with the launcher",
  },
  {
    step: /^marked = fcntl\(pipe to report on, F_SETFD, FD_CLOEXEC\) or pipe is not marked$/,
    reason: "the starter refuses to execute anything",
  },
  {
    step: /^write\(pipe to report on, &report, .*\) or (go on|no pipe)$/,
    reason:
      "it ends: there is no command, or the supervisor takes its own status",
  },
  {
    step: /^write\((2|stderr), "selfdock: Cannot .*\) or (go on|ended|no command)$/,
    reason: "it ends in any case",
  },
  {
    step: /^(ioctl\([0-2], TIOC_GWINSZ|end of the path = readlinkat\(|terminal's place = openat\().* or no terminal$/,
    reason: "a descriptor that is no terminal by that name is not used as one",
  },
  {
    step: /^starter's file = memfd_create\(.* or no memory file$/,
    reason: "asked again: kernels before 6.3 do not know MFD_EXEC",
  },
  {
    step: /^kill\(command, signal\) or go on$/,
    reason: "the command has ended",
  },
  {
    step: /^signal = rt_sigtimedwait\(.*\) or (again: signals|done: early signals)$/,
    reason: "interrupted, or no signal is there",
  },
];

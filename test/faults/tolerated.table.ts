/**
 * The steps whose failure does not end the Program, and why not: what the
 * instance is then. Where `changes` stands, every line in which it differs from
 * an instance in which nothing failed must match it; elsewhere none may differ.
 */

export interface Tolerated {
  readonly step: RegExp;
  readonly reason: string;
  readonly changes?: RegExp;
}

const MOUNTED_RESOLVER = String.raw`^[-+] (/etc/resolv\.conf /etc/resolv\.conf ro,nosuid,nodev,noexec.*|\d+)$`;

export const TOLERATED: readonly Tolerated[] = [
  {
    step: /^close\(.*\) or go on$/,
    reason: "the descriptor closes at the execution: all that are ours do",
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
    step: /^resolv\.conf inside = openat2\(.*\) or missing$/,
    reason: "counts as missing: the host's is put there, or none in a build",
    changes: new RegExp(MOUNTED_RESOLVER),
  },
  {
    step: /^(answered = statmount|place to cover = openat2|entry itself = openat)\(.*\) or failed$/,
    reason: "asked once more, and then for good, unless it is gone",
  },
  {
    step: /^place of the empty things = openat2\(.*\) or no such place$/,
    reason:
      "before Linux 6.15 the first cover fails then; later none is needed",
    changes:
      /^- \/ \/proc ro,nosuid,nodev,noexec,relatime - tmpfs none .*size=0k/,
  },
  {
    step: /^move_mount\(cover, .*\) or a file$/,
    reason: "covered as a file, or the Program ends",
  },
  {
    step: /^fchownat\(tile, .*\) or go on$/,
    reason: "an owner that cannot be shown; what is made is read-only",
    changes: /^[-+] (\S+) (directory|symbolic link) 7\d\d 0 \d+ 0 0$/,
  },
  {
    step: /^(target|entry) = openat2?\(.*\) or (no such place|nothing there)$/,
    reason: "looked up again, and then for good, unless it is not there",
  },
  {
    step: /^chdir\(.*\) or go on$/,
    reason:
      "the caller's directory is not inside: the root; the launcher's own is only convenience",
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
    step: /^exit_group\(.*\) or go on$/,
    reason: "cannot fail",
  },
  {
    step: /^kill\(command, signal\) or go on$/,
    reason: "the command has ended",
  },
  {
    step: /^signal = rt_sigtimedwait\(.*\) or again: signals$/,
    reason: "interrupted",
  },
];

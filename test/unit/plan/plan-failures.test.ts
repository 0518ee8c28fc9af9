/**
 * A step that fails ends the launch, but for those of this table. Whoever adds
 * one says why the instance is no less closed without it.
 */

import { describe, expect, test } from "bun:test";
import { planDirectStart } from "../../../src/plan/starter/plan-direct-start.ts";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import type { Step } from "../../../syscalls/program.ts";
import { shownAs } from "../syscalls/names.ts";
import { PROGRAMS, SAMPLES } from "./samples.ts";

/** The call, what happens where it fails, and why that will do. */
const TOLERATED: readonly (readonly [
  call: string,
  failure: string,
  reason: string,
])[] = [
  [
    "close",
    "go on",
    "nothing depends on it: what is left is closed by close_range and execve",
  ],
  [
    "read",
    "failed",
    "tolerate: EAGAIN, EINTR, it is waited for; all else is a fault",
  ],
  ["munmap", "go on", "the memory stays until the process ends"],
  ["exit_group", "go on", "does not return"],
  [
    "openat",
    "group is decided",
    "no controlling terminal: the group is the command's own",
  ],
  ["ioctl", "group is decided", "no such terminal: the group is shared"],
  ["ioctl", "go on", "the terminal is gone, or is not ours any more"],
  ["ioctl", "no terminal", "this descriptor is none: the next, or no console"],
  ["readlinkat", "no terminal", "no /proc: the same"],
  ["openat", "no terminal", "its name is gone or out of reach: the same"],
  ["openat", "no resolv.conf", "the host has none that the user can read"],
  [
    "statmount",
    "failed",
    "tolerate: ENOENT, the mount is gone; all else is a fault",
  ],
  [
    "move_mount",
    "cover on top",
    "before Linux 6.5 the cover goes on top of the mount",
  ],
  [
    "openat2",
    "failed",
    "tolerate: EACCES, ENOENT, what nobody can reach needs no cover; all else is a fault",
  ],
  [
    "openat2",
    "no such place",
    "a place to be made; or no /proc in this root, over which to keep the covers",
  ],
  [
    "openat2",
    "beyond a mount",
    "the host's is not on the root's own filesystem: it is cloned at once",
  ],
  ["openat2", "missing", "no resolv.conf inside: the host's is put there"],
  [
    "openat",
    "nothing there",
    "the walk has found what is missing; other errors are made again, and are faults",
  ],
  [
    "openat",
    "failed",
    "tolerate: ENOENT, the entry is gone; all else is a fault",
  ],
  [
    "fchownat",
    "go on",
    "an owner without an id here: the tile stays the caller's own",
  ],
  [
    "faccessat",
    "go on",
    "--scratch: anything but a yes means that the caller may not write",
  ],
  [
    "open_tree",
    "failed",
    "tolerate: EINVAL, mounts below: made again one level below; all else is a fault",
  ],
  [
    "openat",
    "whole",
    "--scratch: a directory on the way that cannot be read gets an overlay",
  ],
  [
    "openat",
    "closed to the caller",
    "--scratch: one with mounts below that cannot be read is bound, and they are covered",
  ],
  [
    "openat2",
    "nothing of the caller's",
    "--scratch: what may be changed does not exist inside: nothing is made for it",
  ],
  [
    "mkdirat",
    "not ours",
    "--scratch: where the caller may make nothing a tile is made",
  ],
  [
    "prctl",
    "no such one",
    "EINVAL, the kernel has no such capability; below the 41 that every kernel has that is a fault",
  ],
  [
    "chdir",
    "go on",
    "the caller's directory does not exist inside: the command starts in the root",
  ],
  [
    "read",
    "nothing can be read",
    "of the launcher, from the starter's pipe: the instance is ended",
  ],
  ["read", "go on", "there is no turn yet: the child waits for one"],
  [
    "close",
    "nothing can be read",
    "of the launcher, the starter's end of the pipe: the instance is ended",
  ],
  [
    "write",
    "go on",
    "of the launcher, that root was kept: it ends in any case",
  ],
  ["setpgid", "go on", "the group is the other side's to make as well"],
  [
    "memfd_create",
    "no memory file",
    "EINVAL of a kernel that does not know MFD_EXEC; all else fails the second time",
  ],
  ["kill", "held", "the launcher ends, and the instance with it"],
  ["kill", "go on", "of the launcher: the instance has ended by itself"],
  [
    "waitid",
    "no child here",
    "ECHILD: so the child knows that it is the child, see cloneBeside",
  ],
  [
    "kill",
    "in the child",
    "ESRCH: so it is sure; for the launcher it is a fault that this is not so",
  ],
  [
    "execve",
    "the helper did not start",
    "newuidmap, newgidmap: the launcher takes the status for a fault",
  ],
];

/** The same, of the starter without an init. */
const STARTER_TOLERATED: readonly (readonly [string, string, string])[] = [
  ["fcntl", "pipe is not marked", "reported: nothing is executed"],
  [
    "rt_sigtimedwait",
    "failed",
    "tolerate: EINTR, asked again; all else is a fault",
  ],
  ["execve", "not executed", "the next name of PATH"],
  ["execve", "give up", "/bin/sh cannot be executed: status 126 or 127"],
  ["faccessat", "next", "the file is not there: the next name of PATH"],
  [
    "openat",
    "another file",
    "of a baked file's: it is not there, and execve says so",
  ],
  ["statx", "another file", "the same"],
  [
    "openat",
    "let the shell run it",
    "a script that can be executed but not read: the shell says so",
  ],
  ["read", "let the shell run it", "the same"],
  ["write", "go on", "nobody reads the report: the instance is ending"],
  ["write", "no pipe", "a starter as the command: it says that it is none"],
  ["write", "no command", "nobody can be told"],
  ["close", "go on", "of the script's head: execve closes it too"],
  ["exit_group", "go on", "it does not fail"],
];

/** The parts of the launcher itself: what fails in them is its own affair. */
const LAUNCHER =
  /^(make a process in new namespaces|go on in the launcher|map the caller's subordinate (user|group) ids)$/;

function failureOf({ failure }: Step): string {
  return failure === "continue" ? "go on" : (failure as { name: string }).name;
}

describe("a failing step", () => {
  const programs = PROGRAMS.map(([, program]) => program);
  const calls = programs.flatMap(({ steps }) =>
    steps.filter(({ isCall }) => isCall),
  );
  const lenient = calls.filter(({ failure }) => failure !== "fault");

  const starter = planDirectStart().steps.filter(
    ({ isCall, failure }) => isCall && failure !== "fault",
  );

  test.each([
    ["launch", lenient, TOLERATED],
    ["starter", starter, STARTER_TOLERATED],
  ] as const)(
    "of the %s is a fault, or in the table; and every row of the table is in use",
    (_name, steps, tolerated) => {
      const found = new Set(
        steps.map((step) => `${step.operation}, ${failureOf(step)}`),
      );
      const table = tolerated.map(([name, failure]) => `${name}, ${failure}`);
      expect([...found].toSorted()).toEqual(table.toSorted());
    },
  );

  test("that is a fault ends the child, or before it the launch", () => {
    for (const { steps, labels } of programs) {
      const clone = steps.findIndex(({ operation }) => operation === "clone3");
      steps.forEach(({ failure, target }, index) => {
        if (failure !== "fault" || target === null) return;
        if (!steps[index]!.isCall && steps[index]!.operation !== "fail") return;
        const { action } = steps[labels.get(target)!]!.part;
        expect(action).toMatch(
          index <= clone || LAUNCHER.test(steps[index]!.part.action)
            ? LAUNCHER
            : /^end the failed child$/,
        );
      });
    }
  });

  test("of those that confine is always a fault", () => {
    const confining =
      /^(seccomp|capset|close_range|mount|pivot_root|umount2|mount_setattr|open_tree|fsmount|fsopen|fsconfig|clone3|pidfd_open|rt_sigprocmask|poll|statx)$/;
    // But for the question whether something is mounted below, which is answered by EINVAL.
    const asked = lenient.filter(
      (step) => step.operation !== "open_tree" || failureOf(step) !== "failed",
    );
    for (const step of asked) expect(step.operation).not.toMatch(confining);
    const prctls = lenient.filter(({ operation }) => operation === "prctl");
    for (const { operands } of prctls)
      expect(shownAs(operands[0])).toBe("PR_CAPBSET_DROP");
  });

  test("names what it is about where the user named it", () => {
    for (const { request, facts } of SAMPLES) {
      const { steps } = planInstance(request, facts).program;
      for (const mount of request.mounts) {
        if (!("source" in mount)) continue;
        const subject = `"${mount.source}"`;
        expect(
          steps.some(
            (step) => step.operation === "openat" && step.subject === subject,
          ),
        ).toBe(true);
      }
    }
  });
});

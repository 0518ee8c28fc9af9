/**
 * Privilege is a list: every system call that a setuid selfdock makes with the
 * effective id of root, as strace tells them, is one of stage 0's fixed few or
 * a step of the printed Program; and none of them looks a path up.
 */

import { expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { setuidProgram } from "../harness/program.ts";

/** What stage 0 does before it gives the effective root up, in order. */
const STAGE_0 = [
  "execve", // the kernel's own, which starts it
  "mmap", // its memory
  "getresuid",
  "getresgid",
  "prctl", // PR_GET_DUMPABLE
  "setresuid", // the end of it
];

/** What the launch does with root's id: calls on descriptors, and on names in filesystems that it has just made. */
const LAUNCH = new Set(
  "clone3 setresuid umask mount open_tree mount_setattr move_mount pivot_root umount2 pidfd_open setns fsopen fsconfig fsmount fspick fchdir chroot statx statmount listmount prctl close mkdirat mknodat symlinkat fchmodat fchownat".split(
    " ",
  ),
);

/** 457 and 458 have no name in older straces. */
const NAMELESS: Readonly<Record<string, string>> = {
  syscall_0x1c9: "statmount",
  syscall_0x1ca: "listmount",
};

const USER = ["--reuid", "1000", "--regid", "1000", "--clear-groups"];

interface Call {
  readonly process: string;
  readonly name: string;
  readonly text: string;
}

function trace(words: readonly string[]): readonly Call[] {
  const log = `/tmp/selfdock-calls-${process.pid}`;
  // strace is root and stays so; what it starts is the user from its exec on.
  const command = ["setpriv", ...USER, setuidProgram(), ...words];
  const strace = ["strace", "-f", "-qq", "-e", "signal=none", "-o", log];
  const { exitCode, stderr } = Bun.spawnSync([...strace, ...command], {
    cwd: "/",
  });
  const text = Bun.spawnSync(["cat", log]).stdout.toString();
  Bun.spawnSync(["rm", "-f", log]);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return text.split("\n").flatMap((line) => {
    const [, id, name] = /^(\d+)\s+(\w+)\(/.exec(line) ?? [];
    return id === undefined || name === undefined
      ? []
      : [{ process: id, name: NAMELESS[name] ?? name, text: line }];
  });
}

/** The calls from the execution of selfdock on. */
function ofSelfdock(calls: readonly Call[]): readonly Call[] {
  const program = setuidProgram();
  return calls.slice(
    calls.findIndex(
      ({ name, text }) => name === "execve" && text.includes(`"${program}"`),
    ),
  );
}

/** The calls made with root's effective id, from the raise for the launch on. */
function withRoot(calls: readonly Call[]): readonly Call[] {
  const raise = calls.findIndex(({ text }) =>
    text.includes("setresuid(-1, 0, -1"),
  );
  const root = new Set([calls[raise]!.process]);
  const found: Call[] = [];
  for (const call of calls.slice(raise + 1)) {
    // The child is born with its parent's ids.
    const isNew = !calls
      .slice(0, raise)
      .some(({ process }) => process === call.process);
    if (isNew && !found.some(({ process }) => process === call.process))
      root.add(call.process);
    if (root.has(call.process)) found.push(call);
    const [, effective] =
      /setresuid\(-?\d+, (-?\d+), -?\d+/.exec(call.text) ?? [];
    if (effective === "0") root.add(call.process);
    else if (effective !== undefined) root.delete(call.process);
  }
  return found;
}

rule(
  "before root is given up, only stage 0's fixed calls are made",
  ["root", "program:strace"],
  () => {
    const calls = ofSelfdock(trace(["run", "true"]));
    expect(calls.slice(0, STAGE_0.length).map(({ name }) => name)).toEqual(
      STAGE_0,
    );
    expect(calls[STAGE_0.length - 1]!.text).toMatch(
      /setresuid\(-1, 1000, -1\)/,
    );
    return Promise.resolve();
  },
);

rule(
  "with root's id, the launch makes the printed calls, and opens nothing by a path",
  ["root", "program:strace"],
  () => {
    // The first is launched by stage 0, the second by Bun.
    for (const line of ["run true", "-m /etc /new/place -t  /srv run true"]) {
      const words = line.split(" ");
      const calls = withRoot(ofSelfdock(trace(words)));
      const printed = Bun.spawnSync(
        ["setpriv", ...USER, setuidProgram(), "--dry-run=steps", ...words],
        { cwd: "/" },
      ).stdout.toString();
      expect(calls.length).toBeGreaterThan(80);
      for (const { name, text } of calls) {
        expect(LAUNCH, text).toContain(name);
        expect(printed).toContain(`${name}(`);
      }
    }
    return Promise.resolve();
  },
);

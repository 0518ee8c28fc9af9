/** A process that cannot be opened: only one that has ended is said to have ended. */

import { expect } from "bun:test";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { faultProgram } from "../faults/programs.ts";
import { renderRefusal } from "../faults/refusals.table.ts";
import { forEachMode } from "../harness/modes.ts";
import { USER } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { started } from "./entered.ts";

const KERNEL_REFUSES = [
  [ERRNO.ENFILE, "too many open files in the system", "fs.file-max"],
  [
    ERRNO.ENOSYS,
    "this kernel has no such system call, or a filter",
    "hides it",
  ],
  [ERRNO.EPERM, "operation not permitted", "seccomp"],
  [ERRNO.EMFILE, "too many open files", "ulimit -n"],
] as const;

forEachMode((mode) => {
  mode.rule(
    "enter, explain and stop tell what has ended from what the kernel refuses",
    async () => {
      const running = await started(mode, ["run", "sleep", "60"]);
      const pid = String(running.pid);
      const told = (words: readonly string[], errno: number) => {
        const rule = renderRefusal(
          { name: "", call: "pidfd_open", errno },
          USER,
        );
        const ids = [USER, USER].map(String);
        const before = [faultProgram("refuse"), ...ids, rule, "--"];
        const line = [...before, mode.program(), ...words];
        return runOutside(line, { user: 0 });
      };
      for (const [action, words] of [
        ["enter", ["enter", pid, "true"]],
        ["explain", ["explain", pid]],
        ["stop", ["stop", pid]],
      ] as const) {
        for (const [errno, state, hint] of KERNEL_REFUSES) {
          const { status, stdout, stderr } = await told(words, errno);
          expect({ status, stdout }).toEqual({ status: 124, stdout: "" });
          expect(stderr).toStartWith(
            `selfdock: Cannot ${action} ${pid}: its process cannot be opened: ${state}`,
          );
          expect(stderr).toContain(hint);
        }
        for (const errno of [ERRNO.ESRCH, ERRNO.EINVAL, ERRNO.ENOENT]) {
          const { status, stderr } = await told(words, errno);
          // What has ended needs no ending.
          const gone = `selfdock: Cannot ${action} ${pid}: it has ended\n`;
          expect({ status, stderr }).toEqual(
            action === "stop"
              ? { status: 0, stderr: "" }
              : { status: 124, stderr: gone },
          );
        }
      }
      await mode.output(["stop", pid]);
      expect(await running.ended).toMatchObject({ signal: "SIGTERM" });
    },
  );
});

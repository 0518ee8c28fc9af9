/** Waiting for children: linux/wait.h, asm-generic/siginfo.h. */

import { flags } from "../flags.ts";

/** waitid(2), wait4(2): the kernel's WNOHANG, WEXITED and so on. STOPPED is also WUNTRACED. */
export const WAIT = flags("WAIT", {
  NOHANG: 0x1,
  STOPPED: 0x2,
  EXITED: 0x4,
  CONTINUED: 0x8,
  NOWAIT: 0x1000000,
});

/** What the id of waitid(2) is. */
export const P = { ALL: 0, PID: 1, PGID: 2, PIDFD: 3 } as const;

/** `si_code` of SIGCHLD and of waitid(2). */
export const CLD = {
  EXITED: 1,
  KILLED: 2,
  DUMPED: 3,
  TRAPPED: 4,
  STOPPED: 5,
  CONTINUED: 6,
} as const;

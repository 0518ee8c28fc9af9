/**
 * A process held by descriptor. Security model: its number may be another
 * process's as soon as it has ended, and a descriptor never is; so what is to
 * be signalled is opened first, looked at then, and signalled by descriptor.
 */

import { NULL } from "../../syscalls/calls/operands.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { ERRNO, errnoName, errnoText } from "../../syscalls/errno.table.ts";
import { shown } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { POLLFD } from "../../syscalls/structs.ts";
import { playCall } from "./play-call.ts";

const NANOSECONDS = 1_000_000;

/** pidfd_open(2), Linux 5.3: a descriptor, or a negated errno. */
export function openProcess(pid: number): number {
  return playCall("open a process", () => ["pidfd_open", [pid, 0]]);
}

/** No such process; or its number is a thread's by now, for which kernels have had two names. */
const GONE: readonly number[] = [ERRNO.ESRCH, ERRNO.EINVAL, ERRNO.ENOENT];

/** Whether the errno of openProcess says that there is no such process any more. */
export function saysGone(errno: number): boolean {
  return GONE.includes(errno);
}

/** What the errno of openProcess says of a process, and what to do about it. */
export function explainUnopened(
  errno: number,
): readonly [state: string, hint: string | null] {
  if (saysGone(errno)) return ["it has ended", null];
  const name = errnoName(errno);
  return [
    `its process cannot be opened: ${errnoText(errno)} (pidfd_open: ${name})`,
    HINTS[errno] ?? null,
  ];
}

const HINTS: Readonly<Record<number, string>> = {
  [ERRNO.EMFILE]: "see ulimit -n",
  [ERRNO.ENFILE]: "see sysctl fs.file-max",
  [ERRNO.EPERM]:
    "a filter of system calls (seccomp) around this process forbids it",
};

/** pidfd_send_signal(2), Linux 5.1: 0, or a negated errno. */
export function signalProcess(
  descriptor: number,
  signal: "TERM" | "CONT" | "KILL",
): number {
  const number = shown(SIGNAL[signal], `SIG${signal}`);
  return playCall("signal a process", () => [
    "pidfd_send_signal",
    [descriptor, number, NULL, 0],
  ]);
}

/**
 * Whether it has ended, at the latest after so many milliseconds. Signals do
 * meanwhile what they do to anybody: Ctrl-C ends the waiting. ppoll(2).
 */
export function waitForProcess(
  descriptor: number,
  milliseconds: number,
): boolean {
  const end = performance.now() + milliseconds;
  for (;;) {
    const left = Math.max(0, end - performance.now());
    const answer = playCall("wait for a process", (p) => {
      const polled = p.buffer(
        "process",
        encodeStruct(POLLFD, { fd: descriptor, events: POLL.IN }),
      );
      const time = new Uint8Array(16);
      const view = new DataView(time.buffer);
      view.setBigInt64(0, BigInt(Math.floor(left / 1000)), true);
      view.setBigInt64(8, BigInt(Math.ceil((left % 1000) * NANOSECONDS)), true);
      const mask = p.buffer("no signal", 8);
      return ["ppoll", [polled, 1, p.buffer("time", time), mask, mask.size]];
    });
    if (answer >= 0) return answer === 1;
  }
}

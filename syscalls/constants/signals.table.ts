/** Signals, their handling and their origin: asm/signal.h, asm-generic/siginfo.h. */

import { flags } from "../flags.ts";

/** The signals by the names that kill(1) prints. 32 to 64 are real-time. */
export const SIGNAL = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

/** The highest signal number. */
export const LAST_SIGNAL = 64;

/** What rt_sigprocmask(2) does with the set. */
export const SIG_HOW = { BLOCK: 0, UNBLOCK: 1, SETMASK: 2 } as const;

/** Handlers that are no function. */
export const SIG_HANDLER = { DFL: 0, IGN: 1 } as const;

/** `sa_flags` of rt_sigaction(2). */
export const SA = flags("SA", {
  NOCLDSTOP: 0x1,
  NOCLDWAIT: 0x2,
  SIGINFO: 0x4,
  RESTORER: 0x4000000,
  ONSTACK: 0x8000000,
  RESTART: 0x10000000,
  NODEFER: 0x40000000,
  RESETHAND: 0x80000000,
});

/** `si_code`: who sent a signal. Above 0 it was the kernel. */
export const SI = {
  USER: 0,
  KERNEL: 0x80,
  QUEUE: -1,
  TIMER: -2,
  MESGQ: -3,
  ASYNCIO: -4,
  SIGIO: -5,
  TKILL: -6,
} as const;

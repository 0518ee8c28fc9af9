/** seccomp(2) and the classic BPF that its filters are written in: linux/seccomp.h, linux/audit.h, linux/bpf_common.h. */

import { flags } from "../flags.ts";

/** The operation of seccomp(2). */
export const SECCOMP = {
  SET_MODE_STRICT: 0,
  SET_MODE_FILTER: 1,
  GET_ACTION_AVAIL: 2,
  GET_NOTIF_SIZES: 3,
} as const;

export const SECCOMP_FILTER_FLAG = flags("SECCOMP_FILTER_FLAG", {
  TSYNC: 0x1,
  LOG: 0x2,
  SPEC_ALLOW: 0x4,
  NEW_LISTENER: 0x8,
  TSYNC_ESRCH: 0x10,
  WAIT_KILLABLE_RECV: 0x20,
});

/** What a filter returns: an action, with 16 bits of data below it. */
export const SECCOMP_RET = {
  KILL_THREAD: 0,
  TRAP: 0x30000,
  ERRNO: 0x50000,
  USER_NOTIF: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
  KILL_PROCESS: 0x80000000,
} as const;

/** `arch` of struct seccomp_data. */
export const AUDIT_ARCH = {
  X86_64: 0xc000003e,
  I386: 0x40000003,
  AARCH64: 0xc00000b7,
  ARM: 0x40000028,
} as const;

/** The parts of a classic BPF operation code, to be or-ed. */
export const BPF = {
  LD: 0x00,
  W: 0x00,
  ABS: 0x20,
  JMP: 0x05,
  JEQ: 0x10,
  JGT: 0x20,
  JGE: 0x30,
  RET: 0x06,
  K: 0x00,
} as const;

/** Options of prctl(2) and their arguments: linux/prctl.h, linux/securebits.h. */

import { flags } from "../flags.ts";

export const PR = {
  SET_PDEATHSIG: 1,
  GET_PDEATHSIG: 2,
  GET_DUMPABLE: 3,
  SET_DUMPABLE: 4,
  GET_KEEPCAPS: 7,
  SET_KEEPCAPS: 8,
  SET_NAME: 15,
  GET_NAME: 16,
  GET_SECCOMP: 21,
  SET_SECCOMP: 22,
  CAPBSET_DROP: 24,
  GET_SECUREBITS: 27,
  SET_SECUREBITS: 28,
  SET_TIMERSLACK: 29,
  GET_TIMERSLACK: 30,
  SET_MM: 35,
  SET_CHILD_SUBREAPER: 36,
  GET_CHILD_SUBREAPER: 37,
  SET_NO_NEW_PRIVS: 38,
  GET_NO_NEW_PRIVS: 39,
  SET_THP_DISABLE: 41,
  GET_THP_DISABLE: 42,
  CAP_AMBIENT: 47,
  GET_SPECULATION_CTRL: 52,
  SET_SPECULATION_CTRL: 53,
} as const;

/** The second argument of PR_CAP_AMBIENT. */
export const PR_CAP_AMBIENT = {
  IS_SET: 1,
  RAISE: 2,
  LOWER: 3,
  CLEAR_ALL: 4,
} as const;

/** The second argument of PR_SET_MM. */
export const PR_SET_MM = {
  ARG_START: 8,
  ARG_END: 9,
  ENV_START: 10,
  ENV_END: 11,
  MAP: 14,
} as const;

/** The second argument of PR_SET_SECUREBITS. */
export const SECBIT = flags("SECBIT", {
  NOROOT: 0x1,
  NOROOT_LOCKED: 0x2,
  NO_SETUID_FIXUP: 0x4,
  NO_SETUID_FIXUP_LOCKED: 0x8,
  KEEP_CAPS: 0x10,
  KEEP_CAPS_LOCKED: 0x20,
  NO_CAP_AMBIENT_RAISE: 0x40,
  NO_CAP_AMBIENT_RAISE_LOCKED: 0x80,
});

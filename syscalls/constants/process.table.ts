/** Limits, priorities and the auxiliary vector: asm/resource.h, linux/resource.h, linux/auxvec.h. */

/** The resource of prlimit64(2). */
export const RLIMIT = {
  CPU: 0,
  FSIZE: 1,
  DATA: 2,
  STACK: 3,
  CORE: 4,
  RSS: 5,
  NPROC: 6,
  NOFILE: 7,
  MEMLOCK: 8,
  AS: 9,
  LOCKS: 10,
  SIGPENDING: 11,
  MSGQUEUE: 12,
  NICE: 13,
  RTPRIO: 14,
  RTTIME: 15,
} as const;

/** No limit. */
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** Whose priority getpriority(2) and setpriority(2) mean. */
export const PRIO = { PROCESS: 0, PGRP: 1, USER: 2 } as const;

/** Entries of the auxiliary vector, getauxval(3): the kernel's AT_NULL and so on. */
export const AUX = {
  NULL: 0,
  IGNORE: 1,
  EXECFD: 2,
  PHDR: 3,
  PHENT: 4,
  PHNUM: 5,
  PAGESZ: 6,
  BASE: 7,
  FLAGS: 8,
  ENTRY: 9,
  NOTELF: 10,
  UID: 11,
  EUID: 12,
  GID: 13,
  EGID: 14,
  PLATFORM: 15,
  HWCAP: 16,
  CLKTCK: 17,
  SECURE: 23,
  BASE_PLATFORM: 24,
  RANDOM: 25,
  HWCAP2: 26,
  EXECFN: 31,
  SYSINFO_EHDR: 33,
  MINSIGSTKSZ: 51,
} as const;

/** clock_gettime(2). */
export const CLOCK = { MONOTONIC: 1 } as const;

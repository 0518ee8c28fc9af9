/** Opening, resolving and keeping descriptors: asm/fcntl.h, linux/fcntl.h, linux/openat2.h. */

import { flags } from "../flags.ts";

/**
 * open(2), as x86-64 numbers them: on arm64 DIRECT, LARGEFILE, DIRECTORY and
 * NOFOLLOW (hence TMPFILE) are others.
 */
export const O = flags("O", {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  // These two first: they hold the bits of DSYNC and of DIRECTORY.
  SYNC: 0o4010000,
  TMPFILE: 0o20200000,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  ASYNC: 0o20000,
  DSYNC: 0o10000,
  DIRECT: 0o40000,
  LARGEFILE: 0o100000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  NOATIME: 0o1000000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
});

/** The calls that end in "at". EACCESS (faccessat2) and REMOVEDIR (unlinkat) share a bit: 0x200 prints as the latter. */
export const AT = flags("AT", {
  SYMLINK_NOFOLLOW: 0x100,
  EACCESS: 0x200,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  NO_AUTOMOUNT: 0x800,
  EMPTY_PATH: 0x1000,
  STATX_FORCE_SYNC: 0x2000,
  STATX_DONT_SYNC: 0x4000,
  RECURSIVE: 0x8000,
});

/** The directory descriptor that stands for the working directory. */
export const AT_FDCWD = -100;

/** `open_how.resolve` of openat2(2). */
export const RESOLVE = flags("RESOLVE", {
  NO_XDEV: 0x1,
  NO_MAGICLINKS: 0x2,
  NO_SYMLINKS: 0x4,
  BENEATH: 0x8,
  IN_ROOT: 0x10,
  CACHED: 0x20,
});

export const CLOSE_RANGE = flags("CLOSE_RANGE", { UNSHARE: 2, CLOEXEC: 4 });

/** The last descriptor for close_range(2) when all from a number on are meant. */
export const LAST_DESCRIPTOR = 0xffff_ffff;

/** The command of fcntl(2). */
export const F = {
  DUPFD: 0,
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  SETOWN: 8,
  DUPFD_CLOEXEC: 1030,
  GETPIPE_SZ: 1032,
  ADD_SEALS: 1033,
  GET_SEALS: 1034,
} as const;

export const FD = flags("FD", { CLOEXEC: 1 });

export const F_SEAL = flags("F_SEAL", {
  SEAL: 0x1,
  SHRINK: 0x2,
  GROW: 0x4,
  WRITE: 0x8,
  FUTURE_WRITE: 0x10,
});

/** eventfd(2). */
export const EFD = flags("EFD", {
  SEMAPHORE: 0x1,
  NONBLOCK: 0x800,
  CLOEXEC: 0x8_0000,
});

/** memfd_create(2). */
export const MFD = flags("MFD", {
  CLOEXEC: 0x1,
  ALLOW_SEALING: 0x2,
  HUGETLB: 0x4,
  /** Linux 6.3. */
  NOEXEC_SEAL: 0x8,
  /** Linux 6.3. */
  EXEC: 0x10,
});

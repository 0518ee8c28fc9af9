/** What statx(2) is asked for and answers, and file types: linux/stat.h. */

import { flags } from "../flags.ts";

/** The request and the answer mask of statx(2). */
export const STATX = flags("STATX", {
  // The sum first: it holds the bits of all those below it up to BLOCKS.
  BASIC_STATS: 0x7ff,
  TYPE: 0x1,
  MODE: 0x2,
  NLINK: 0x4,
  UID: 0x8,
  GID: 0x10,
  ATIME: 0x20,
  MTIME: 0x40,
  CTIME: 0x80,
  INO: 0x100,
  SIZE: 0x200,
  BLOCKS: 0x400,
  BTIME: 0x800,
  /** Linux 5.8: the id that mountinfo shows, used again after an unmount. */
  MNT_ID: 0x1000,
  /** Linux 6.8: the id that statmount(2) takes, never used twice. */
  MNT_ID_UNIQUE: 0x4000,
});

/** `attributes` of struct statx, valid where `attributes_mask` has the bit. */
export const STATX_ATTR = flags("STATX_ATTR", {
  COMPRESSED: 0x4,
  IMMUTABLE: 0x10,
  APPEND: 0x20,
  NODUMP: 0x40,
  ENCRYPTED: 0x800,
  AUTOMOUNT: 0x1000,
  /** Linux 5.8. */
  MOUNT_ROOT: 0x2000,
  VERITY: 0x100000,
  DAX: 0x200000,
});

/** File types: a number under the mask MT, not flags. IFO is S_IFIFO. */
export const S_IF = {
  MT: 0o170000,
  SOCK: 0o140000,
  LNK: 0o120000,
  REG: 0o100000,
  BLK: 0o060000,
  DIR: 0o040000,
  CHR: 0o020000,
  IFO: 0o010000,
} as const;

/** Mode bits above the permissions. */
export const S_IS = { UID: 0o4000, GID: 0o2000, VTX: 0o1000 } as const;

/** Flags and commands of the mount calls: linux/mount.h, mount(2), umount(2). */

import { flags } from "../flags.ts";

/** mount(2); propagation types are also those of `mount_attr.propagation`. */
export const MS = flags("MS", {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  SYNCHRONOUS: 16,
  REMOUNT: 32,
  DIRSYNC: 128,
  NOSYMFOLLOW: 256,
  NOATIME: 1 << 10,
  NODIRATIME: 1 << 11,
  BIND: 1 << 12,
  MOVE: 1 << 13,
  REC: 1 << 14,
  SILENT: 1 << 15,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
  LAZYTIME: 1 << 25,
});

/** umount2(2). NOFOLLOW is the kernel's UMOUNT_NOFOLLOW. */
export const MNT = flags("MNT", {
  FORCE: 1,
  DETACH: 2,
  EXPIRE: 4,
  NOFOLLOW: 8,
});

/** mount_setattr(2), fsmount(2) and statmount's `mnt_attr`. */
export const MOUNT_ATTR = flags("MOUNT_ATTR", {
  // The mask first: it holds the bits of NOATIME and STRICTATIME.
  _ATIME: 0x70,
  RELATIME: 0,
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  NODIRATIME: 0x80,
  IDMAP: 0x100000,
  NOSYMFOLLOW: 0x200000,
});

/** open_tree(2), which takes some of `AT` besides. */
export const OPEN_TREE = flags("OPEN_TREE", {
  CLONE: 1,
  CLOEXEC: 0o2000000,
});

/** move_mount(2): F_ is about the source path, T_ about the target path. */
export const MOVE_MOUNT = flags("MOVE_MOUNT", {
  F_SYMLINKS: 0x1,
  F_AUTOMOUNTS: 0x2,
  F_EMPTY_PATH: 0x4,
  T_SYMLINKS: 0x10,
  T_AUTOMOUNTS: 0x20,
  T_EMPTY_PATH: 0x40,
  SET_GROUP: 0x100,
  /** Linux 6.5. */
  BENEATH: 0x200,
});

export const FSOPEN = flags("FSOPEN", { CLOEXEC: 1 });

export const FSMOUNT = flags("FSMOUNT", { CLOEXEC: 1 });

export const FSPICK = flags("FSPICK", {
  CLOEXEC: 1,
  SYMLINK_NOFOLLOW: 2,
  NO_AUTOMOUNT: 4,
  EMPTY_PATH: 8,
});

/** The command of fsconfig(2). */
export const FSCONFIG = {
  SET_FLAG: 0,
  SET_STRING: 1,
  SET_BINARY: 2,
  SET_PATH: 3,
  SET_PATH_EMPTY: 4,
  SET_FD: 5,
  CMD_CREATE: 6,
  CMD_RECONFIGURE: 7,
  /** Linux 6.6. */
  CMD_CREATE_EXCL: 8,
} as const;

/**
 * The kernel's structs as 64-bit little-endian machines lay them out, names
 * without their prefixes. check-abi.ts holds them against the C headers.
 */

import { bytes, layout, u16, u32, u64, u8 } from "./struct.ts";

/** clone3(2), Linux 5.7. */
export const CLONE_ARGS = layout(88, {
  flags: u64(0),
  pidfd: u64(8),
  child_tid: u64(16),
  parent_tid: u64(24),
  exit_signal: u64(32),
  stack: u64(40),
  stack_size: u64(48),
  tls: u64(56),
  set_tid: u64(64),
  set_tid_size: u64(72),
  cgroup: u64(80),
});

/** mount_setattr(2), Linux 5.12. */
export const MOUNT_ATTR_ARGS = layout(32, {
  attr_set: u64(0),
  attr_clr: u64(8),
  propagation: u64(16),
  userns_fd: u64(24),
});

/** openat2(2), Linux 5.6. */
export const OPEN_HOW = layout(24, {
  flags: u64(0),
  mode: u64(8),
  resolve: u64(16),
});

/**
 * The request of statmount(2) and listmount(2), Linux 6.8; `mnt_ns_id` since
 * 6.11: give 24 as `size` to kernels before it.
 */
export const MNT_ID_REQ = layout(32, {
  size: u32(0),
  mnt_ns_fd: u32(4),
  mnt_id: u64(8),
  param: u64(16),
  mnt_ns_id: u64(24),
});

/**
 * The answer of statmount(2), Linux 6.8. Fields of text hold the offset of a
 * NUL-terminated string from `str`. The newest fields are Linux 6.15's.
 */
export const STATMOUNT_BUFFER = layout(512, {
  size: u32(0),
  mnt_opts: u32(4),
  mask: u64(8),
  sb_dev_major: u32(16),
  sb_dev_minor: u32(20),
  sb_magic: u64(24),
  sb_flags: u32(32),
  fs_type: u32(36),
  mnt_id: u64(40),
  mnt_parent_id: u64(48),
  mnt_id_old: u32(56),
  mnt_parent_id_old: u32(60),
  mnt_attr: u64(64),
  mnt_propagation: u64(72),
  mnt_peer_group: u64(80),
  mnt_master: u64(88),
  propagate_from: u64(96),
  mnt_root: u32(104),
  mnt_point: u32(108),
  mnt_ns_id: u64(112),
  fs_subtype: u32(120),
  sb_source: u32(124),
  opt_num: u32(128),
  opt_array: u32(132),
  opt_sec_num: u32(136),
  opt_sec_array: u32(140),
  supported_mask: u64(144),
  mnt_uidmap_num: u32(152),
  mnt_uidmap: u32(156),
  mnt_gidmap_num: u32(160),
  mnt_gidmap: u32(164),
  str: bytes(512, 0),
});

/** statx(2). */
export const STATX_BUFFER = layout(256, {
  mask: u32(0),
  blksize: u32(4),
  attributes: u64(8),
  nlink: u32(16),
  uid: u32(20),
  gid: u32(24),
  mode: u16(28),
  ino: u64(32),
  size: u64(40),
  blocks: u64(48),
  attributes_mask: u64(56),
  atime: bytes(64, 16),
  btime: bytes(80, 16),
  ctime: bytes(96, 16),
  mtime: bytes(112, 16),
  rdev_major: u32(128),
  rdev_minor: u32(132),
  dev_major: u32(136),
  dev_minor: u32(140),
  mnt_id: u64(144),
});

/** statfs(2). */
export const STATFS_BUFFER = layout(120, {
  type: u64(0),
  bsize: u64(8),
  blocks: u64(16),
  bfree: u64(24),
  bavail: u64(32),
  files: u64(40),
  ffree: u64(48),
  fsid: bytes(56, 8),
  namelen: u64(64),
  frsize: u64(72),
  flags: u64(80),
});

/** The head of each entry that getdents64(2) gives; `reclen` counts the name. */
export const DIRENT64 = layout(19, {
  ino: u64(0),
  off: u64(8),
  reclen: u16(16),
  type: u8(18),
  name: bytes(19, 0),
});

export { POLLFD } from "./pollfd.ts";

/** What waitid(2) tells about a child, and SIGCHLD. */
export const SIGINFO = layout(128, {
  signo: u32(0),
  errno: u32(4),
  code: u32(8),
  pid: u32(16),
  uid: u32(20),
  status: u32(24),
});

/** rt_sigaction(2) as the kernel has it on x86-64: libc's differs, arm64's too. */
export const SIGACTION = layout(32, {
  handler: u64(0),
  flags: u64(8),
  restorer: u64(16),
  mask: u64(24),
});

/** sysinfo(2); `procs` counts the processes and threads of the whole host, modulo 65536. */
export const SYSINFO = layout(112, { procs: u16(80) });

/** prlimit64(2). */
export const RLIMIT64 = layout(16, { cur: u64(0), max: u64(8) });

/** struct iovec: readv(2), sendmsg(2). */
export const IOVEC = layout(16, { base: u64(0), len: u64(8) });

/** struct user_msghdr: sendmsg(2), recvmsg(2). */
export const MSGHDR = layout(56, {
  name: u64(0),
  namelen: u32(8),
  iov: u64(16),
  iovlen: u64(24),
  control: u64(32),
  controllen: u64(40),
  flags: u32(48),
});

/** The head of what travels beside a message: cmsg(3). Descriptors follow it. */
export const CMSGHDR = layout(16, {
  len: u64(0),
  level: u32(8),
  type: u32(12),
});

/** What waitid(2) tells of a child's use: getrusage(2); times are seconds and microseconds, `maxrss` is in KiB. */
export const RUSAGE = layout(144, {
  utime: bytes(0, 16),
  stime: bytes(16, 16),
  maxrss: u64(32),
  minflt: u64(64),
  majflt: u64(72),
  nvcsw: u64(128),
  nivcsw: u64(136),
});

/** nanosleep(2), ppoll(2) and their like. */
export const TIMESPEC = layout(16, { sec: u64(0), nsec: u64(8) });

/** capset(2), capget(2). */
export const CAP_USER_HEADER = layout(8, { version: u32(0), pid: u32(4) });

/** The two elements that version 3 takes; `_high` are capabilities from 32 on. */
export const CAP_USER_DATA = layout(24, {
  effective: u32(0),
  permitted: u32(4),
  inheritable: u32(8),
  effective_high: u32(12),
  permitted_high: u32(16),
  inheritable_high: u32(20),
});

/** One instruction of classic BPF. */
export const SOCK_FILTER = layout(8, {
  code: u16(0),
  jt: u8(2),
  jf: u8(3),
  k: u32(4),
});

/** A program of classic BPF: `len` instructions at `filter`. */
export const SOCK_FPROG = layout(16, { len: u16(0), filter: u64(8) });

/** What a seccomp filter looks at. */
export const SECCOMP_DATA = layout(64, {
  nr: u32(0),
  arch: u32(4),
  instruction_pointer: u64(8),
  arg0: u64(16),
  arg1: u64(24),
  arg2: u64(32),
  arg3: u64(40),
  arg4: u64(48),
  arg5: u64(56),
});

/** ioctl(2) on a network interface; `flags` is one reading of the bytes behind the name. */
export const IFREQ = layout(40, { name: bytes(0, 16), flags: u16(16) });

/** The size of a terminal, in characters and pixels. */
export const WINSIZE = layout(8, {
  row: u16(0),
  col: u16(2),
  xpixel: u16(4),
  ypixel: u16(6),
});

export const ELF64_EHDR = layout(64, {
  ident: bytes(0, 16),
  type: u16(16),
  machine: u16(18),
  version: u32(20),
  entry: u64(24),
  phoff: u64(32),
  shoff: u64(40),
  flags: u32(48),
  ehsize: u16(52),
  phentsize: u16(54),
  phnum: u16(56),
  shentsize: u16(58),
  shnum: u16(60),
  shstrndx: u16(62),
});

export const ELF64_PHDR = layout(56, {
  type: u32(0),
  flags: u32(4),
  offset: u64(8),
  vaddr: u64(16),
  paddr: u64(24),
  filesz: u64(32),
  memsz: u64(40),
  align: u64(48),
});

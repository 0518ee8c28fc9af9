/** Making processes and namespaces: linux/sched.h, linux/nsfs.h. */

import { flags } from "../flags.ts";

/** clone3(2), unshare(2), setns(2). */
export const CLONE = flags("CLONE", {
  NEWTIME: 0x80,
  VM: 0x100,
  FS: 0x200,
  FILES: 0x400,
  SIGHAND: 0x800,
  PIDFD: 0x1000,
  PTRACE: 0x2000,
  VFORK: 0x4000,
  PARENT: 0x8000,
  THREAD: 0x10000,
  NEWNS: 0x20000,
  SYSVSEM: 0x40000,
  SETTLS: 0x80000,
  PARENT_SETTID: 0x100000,
  CHILD_CLEARTID: 0x200000,
  UNTRACED: 0x800000,
  CHILD_SETTID: 0x1000000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
  IO: 0x80000000,
  /** clone3 only, Linux 5.5: every handler becomes the default. */
  CLEAR_SIGHAND: 0x1_0000_0000,
  /** clone3 only, Linux 5.7. */
  INTO_CGROUP: 0x2_0000_0000,
});

/** ioctl(2) on a process descriptor, Linux 6.11: linux/pidfd.h. */
export const PIDFD_GET = {
  IPC_NAMESPACE: 0xff02,
  MNT_NAMESPACE: 0xff03,
  NET_NAMESPACE: 0xff04,
  PID_NAMESPACE: 0xff05,
  USER_NAMESPACE: 0xff09,
  UTS_NAMESPACE: 0xff0a,
} as const;

/** ioctl(2) on a namespace descriptor. */
export const NS_GET = {
  USERNS: 0xb701,
  PARENT: 0xb702,
  NSTYPE: 0xb703,
  OWNER_UID: 0xb704,
} as const;

/**
 * Which C names and headers stand behind each table and layout: the rows that
 * check-abi.ts turns into C. `newer` names the kernel whose headers first have
 * what is in it; older headers skip it.
 */

import { NEWER_CALLS } from "./arch/x86_64/generate-numbers.ts";
import { SYSCALL } from "./arch/x86_64/numbers.table.ts";
import { CAP, CAPABILITY_VERSION_3 } from "./constants/capabilities.table.ts";
import { CLONE, NS_GET, PIDFD_GET } from "./constants/clone.table.ts";
import { MAP, PROT } from "./constants/memory.table.ts";
import * as elf from "./constants/elf.table.ts";
import * as mount from "./constants/mount.table.ts";
import {
  AF,
  IFF,
  MSG,
  SCM,
  SIOC,
  SOCK,
  SOL,
} from "./constants/network.table.ts";
import * as open from "./constants/open.table.ts";
import { EPOLL, EPOLL_CTL, POLL } from "./constants/poll.table.ts";
import {
  PR,
  PR_CAP_AMBIENT,
  PR_SET_MM,
  SECBIT,
} from "./constants/prctl.table.ts";
import {
  AUX,
  CLOCK,
  PRIO,
  RLIM_INFINITY,
  RLIMIT,
} from "./constants/process.table.ts";
import * as seccomp from "./constants/seccomp.table.ts";
import {
  LAST_SIGNAL,
  SA,
  SI,
  SIG_HANDLER,
  SIG_HOW,
  SIGNAL,
} from "./constants/signals.table.ts";
import { S_IF, S_IS, STATX, STATX_ATTR } from "./constants/stat.table.ts";
import {
  LISTMOUNT,
  LSMT_ROOT,
  STATMOUNT,
} from "./constants/statmount.table.ts";
import { TC, TIOC } from "./constants/terminal.table.ts";
import { CLD, P, WAIT } from "./constants/wait.table.ts";
import { ERRNO } from "./errno.table.ts";
import type { Layout } from "./struct.ts";
import * as structs from "./structs.ts";

export interface ConstantRow {
  /** What C puts before each name. */
  readonly prefix: string;
  readonly values: Readonly<Record<string, number | bigint>>;
  /** C names that are not prefix and name. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly newer?: Readonly<Record<string, string>>;
}

export interface StructRow {
  readonly type: string;
  readonly layout: Layout;
  readonly prefix?: string;
  readonly rename?: Readonly<Record<string, string>>;
  readonly newer?: Readonly<Record<string, string>>;
  /** The whole struct came with this kernel. */
  readonly since?: string;
  /** The layout is only the head of the C struct. */
  readonly headOnly?: true;
}

/** Headers that can stand in one C file. */
export interface Group {
  readonly headers: readonly string[];
  /** C that the rows need besides. */
  readonly prelude?: string;
  readonly constants: readonly ConstantRow[];
  readonly structs: readonly StructRow[];
}

const kernel: Group = {
  headers: [
    "linux/types.h",
    "linux/unistd.h",
    "linux/fcntl.h",
    "linux/mount.h",
    "linux/sched.h",
    "linux/nsfs.h",
    "linux/pidfd.h",
    "linux/openat2.h",
    "linux/close_range.h",
    "linux/memfd.h",
    "linux/stat.h",
    "linux/mman.h",
    "linux/wait.h",
    "linux/poll.h",
    "linux/eventpoll.h",
    "linux/prctl.h",
    "linux/securebits.h",
    "linux/capability.h",
    "linux/seccomp.h",
    "linux/filter.h",
    "linux/audit.h",
    "linux/resource.h",
    "linux/sysinfo.h",
    "linux/auxvec.h",
    "linux/time_types.h",
    "linux/elf.h",
    "linux/errno.h",
    "asm/signal.h",
    "asm/siginfo.h",
    "asm/resource.h",
    "asm/ioctls.h",
    "asm/termios.h",
    "asm/statfs.h",
  ],
  prelude: "struct cap_user_data { struct __user_cap_data_struct data[2]; };",
  constants: [
    {
      prefix: "__NR_",
      values: SYSCALL,
      newer: Object.fromEntries(
        Object.entries(NEWER_CALLS).map(([name, [, since]]) => [name, since]),
      ),
    },
    { prefix: "", values: ERRNO },
    { prefix: "MS_", values: mount.MS },
    { prefix: "MOUNT_ATTR_", values: mount.MOUNT_ATTR },
    { prefix: "OPEN_TREE_", values: mount.OPEN_TREE },
    {
      prefix: "MOVE_MOUNT_",
      values: mount.MOVE_MOUNT,
      newer: { BENEATH: "6.5" },
    },
    { prefix: "FSOPEN_", values: mount.FSOPEN },
    { prefix: "FSMOUNT_", values: mount.FSMOUNT },
    { prefix: "FSPICK_", values: mount.FSPICK },
    {
      prefix: "FSCONFIG_",
      values: mount.FSCONFIG,
      newer: { CMD_CREATE_EXCL: "6.6" },
    },
    {
      prefix: "STATMOUNT_",
      values: STATMOUNT,
      newer: {
        ...Object.fromEntries(
          Object.keys(STATMOUNT).map((name) => [name, "6.8"]),
        ),
        MNT_NS_ID: "6.11",
        MNT_OPTS: "6.11",
        FS_SUBTYPE: "6.13",
        SB_SOURCE: "6.13",
        OPT_ARRAY: "6.13",
        OPT_SEC_ARRAY: "6.13",
        SUPPORTED_MASK: "6.15",
        MNT_UIDMAP: "6.15",
        MNT_GIDMAP: "6.15",
      },
    },
    { prefix: "", values: { LSMT_ROOT }, newer: { LSMT_ROOT: "6.8" } },
    { prefix: "LISTMOUNT_", values: LISTMOUNT, newer: { REVERSE: "6.11" } },
    { prefix: "STATX_", values: STATX, newer: { MNT_ID_UNIQUE: "6.8" } },
    { prefix: "STATX_ATTR_", values: STATX_ATTR },
    { prefix: "S_IF", values: S_IF },
    { prefix: "S_IS", values: S_IS },
    // O_ASYNC is libc's name.
    { prefix: "O_", values: open.O, rename: { ASYNC: "FASYNC" } },
    { prefix: "AT_", values: open.AT },
    { prefix: "", values: { AT_FDCWD: open.AT_FDCWD } },
    { prefix: "RESOLVE_", values: open.RESOLVE },
    { prefix: "CLOSE_RANGE_", values: open.CLOSE_RANGE },
    { prefix: "F_", values: open.F },
    { prefix: "FD_", values: open.FD },
    { prefix: "F_SEAL_", values: open.F_SEAL },
    {
      prefix: "MFD_",
      values: open.MFD,
      newer: { NOEXEC_SEAL: "6.3", EXEC: "6.3" },
    },
    { prefix: "CLONE_", values: CLONE },
    { prefix: "NS_GET_", values: NS_GET },
    {
      prefix: "PIDFD_GET_",
      values: PIDFD_GET,
      newer: Object.fromEntries(
        Object.keys(PIDFD_GET).map((name) => [name, "6.11"]),
      ),
    },
    { prefix: "PROT_", values: PROT },
    { prefix: "MAP_", values: MAP },
    { prefix: "W", values: WAIT },
    { prefix: "P_", values: P },
    { prefix: "CLD_", values: CLD },
    { prefix: "POLL", values: POLL },
    { prefix: "EPOLL", values: EPOLL },
    { prefix: "EPOLL_CTL_", values: EPOLL_CTL },
    { prefix: "SIG", values: SIGNAL },
    // The kernel's own _NSIG counts them; the header's NSIG is of another age.
    {
      prefix: "",
      values: { LAST_SIGNAL },
      rename: { LAST_SIGNAL: "SIGRTMIN + 32" },
    },
    { prefix: "SIG_", values: SIG_HOW },
    { prefix: "SIG_", values: SIG_HANDLER },
    { prefix: "SA_", values: SA },
    { prefix: "SI_", values: SI },
    { prefix: "PR_", values: PR },
    { prefix: "PR_CAP_AMBIENT_", values: PR_CAP_AMBIENT },
    { prefix: "PR_SET_MM_", values: PR_SET_MM },
    { prefix: "SECBIT_", values: SECBIT },
    { prefix: "CAP_", values: CAP },
    {
      prefix: "_LINUX_",
      values: { CAPABILITY_VERSION_3: CAPABILITY_VERSION_3 },
    },
    { prefix: "SECCOMP_", values: seccomp.SECCOMP },
    { prefix: "SECCOMP_FILTER_FLAG_", values: seccomp.SECCOMP_FILTER_FLAG },
    { prefix: "SECCOMP_RET_", values: seccomp.SECCOMP_RET },
    { prefix: "AUDIT_ARCH_", values: seccomp.AUDIT_ARCH },
    { prefix: "BPF_", values: seccomp.BPF },
    { prefix: "TIOC", values: TIOC },
    { prefix: "TC", values: TC },
    { prefix: "RLIMIT_", values: RLIMIT },
    { prefix: "", values: { RLIM_INFINITY } },
    { prefix: "PRIO_", values: PRIO },
    { prefix: "AT_", values: AUX },
    { prefix: "PT_", values: elf.PT },
    { prefix: "PF_", values: elf.PF },
    { prefix: "ET_", values: elf.ET },
    { prefix: "EM_", values: elf.EM },
  ],
  structs: [
    { type: "struct clone_args", layout: structs.CLONE_ARGS },
    { type: "struct mount_attr", layout: structs.MOUNT_ATTR_ARGS },
    { type: "struct open_how", layout: structs.OPEN_HOW },
    // Headers before 6.19 may call mnt_ns_fd "spare": the same 4 bytes.
    {
      type: "struct mnt_id_req",
      layout: structs.MNT_ID_REQ,
      since: "6.11",
      newer: { mnt_ns_fd: "6.19" },
    },
    {
      type: "struct statmount",
      layout: structs.STATMOUNT_BUFFER,
      since: "6.15",
    },
    { type: "struct statx", layout: structs.STATX_BUFFER, prefix: "stx_" },
    { type: "struct statfs", layout: structs.STATFS_BUFFER, prefix: "f_" },
    { type: "struct pollfd", layout: structs.POLLFD },
    { type: "siginfo_t", layout: structs.SIGINFO, prefix: "si_" },
    { type: "struct sigaction", layout: structs.SIGACTION, prefix: "sa_" },
    { type: "struct rlimit64", layout: structs.RLIMIT64, prefix: "rlim_" },
    { type: "struct sysinfo", layout: structs.SYSINFO },
    {
      type: "struct __kernel_timespec",
      layout: structs.TIMESPEC,
      prefix: "tv_",
    },
    {
      type: "struct __user_cap_header_struct",
      layout: structs.CAP_USER_HEADER,
    },
    {
      type: "struct cap_user_data",
      layout: structs.CAP_USER_DATA,
      prefix: "data[0].",
      rename: {
        effective_high: "data[1].effective",
        permitted_high: "data[1].permitted",
        inheritable_high: "data[1].inheritable",
      },
    },
    { type: "struct sock_filter", layout: structs.SOCK_FILTER },
    { type: "struct sock_fprog", layout: structs.SOCK_FPROG },
    {
      type: "struct seccomp_data",
      layout: structs.SECCOMP_DATA,
      rename: Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((index) => [`arg${index}`, `args[${index}]`]),
      ),
    },
    { type: "struct rusage", layout: structs.RUSAGE, prefix: "ru_" },
    { type: "struct winsize", layout: structs.WINSIZE, prefix: "ws_" },
    { type: "Elf64_Ehdr", layout: structs.ELF64_EHDR, prefix: "e_" },
    { type: "Elf64_Phdr", layout: structs.ELF64_PHDR, prefix: "p_" },
  ],
};

/** What the kernel's headers lack or only give together with libc's. */
const libc: Group = {
  headers: [
    "sys/types.h",
    "time.h",
    "sys/socket.h",
    "sys/mount.h",
    "sys/eventfd.h",
    "dirent.h",
    "linux/sockios.h",
    "linux/if.h",
  ],
  constants: [
    {
      prefix: "MNT_",
      values: mount.MNT,
      rename: { NOFOLLOW: "UMOUNT_NOFOLLOW" },
    },
    { prefix: "EFD_", values: open.EFD },
    { prefix: "AF_", values: AF },
    { prefix: "SOCK_", values: SOCK },
    { prefix: "SIOC", values: SIOC },
    { prefix: "IFF_", values: IFF },
    { prefix: "MSG_", values: MSG },
    { prefix: "SOL_", values: SOL },
    { prefix: "SCM_", values: SCM },
    { prefix: "CLOCK_", values: CLOCK },
  ],
  structs: [
    { type: "struct ifreq", layout: structs.IFREQ, prefix: "ifr_" },
    { type: "struct msghdr", layout: structs.MSGHDR, prefix: "msg_" },
    { type: "struct cmsghdr", layout: structs.CMSGHDR, prefix: "cmsg_" },
    {
      type: "struct dirent64",
      layout: structs.DIRENT64,
      prefix: "d_",
      headOnly: true,
    },
  ],
};

export const GROUPS: readonly Group[] = [kernel, libc];

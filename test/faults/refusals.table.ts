/**
 * Kinds of calls that a filter of root's refuses, by what tells the Program's
 * calls from those of stage 0 and Bun. What a filter cannot tell (a path, a
 * struct), or what every command needs as well, is left to the seam.
 */

import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import type { SyscallName } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { FSCONFIG } from "../../syscalls/constants/mount.table.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";

export interface Refusal {
  readonly name: string;
  readonly call: SyscallName;
  /** Argument, mask, value: the low 32 bits; `user` is the caller's id. */
  readonly when?: readonly (readonly [
    index: number,
    mask: number,
    value: number | "user",
  ])[];
  readonly errno?: number;
  /** Made before the Program too, by stage 0 or to look at the root: whatever is refused there has no step to name. */
  readonly outside?: true;
  /** No launch needs it: there is another way, or it is convenience. */
  readonly needless?: true;
}

const ALL = 0xffff_ffff;
/** -1 in 32 bits. */
const UNCHANGED = ALL;
const ENOSYS = 38;
const O_PATH = 0o10000000;
const WRITE_ONLY = 0o2000001;
const EMPTY_PATH = 0x1800;
const INTERFACE_UP = 0x8914;

const plain = (call: SyscallName): Refusal => ({ name: call, call });
const needless = (call: SyscallName): Refusal => ({
  ...plain(call),
  needless: true,
});
const option = (name: keyof typeof PR): Refusal => ({
  name: `prctl ${name}`,
  call: "prctl",
  when: [[0, ALL, PR[name]]],
});
const command = (name: keyof typeof FSCONFIG): Refusal => ({
  name: `fsconfig ${name}`,
  call: "fsconfig",
  when: [[1, ALL, FSCONFIG[name]]],
});

const NEEDED = [
  "mount",
  "umount2",
  "pivot_root",
  "open_tree",
  "move_mount",
  "mount_setattr",
  "fsopen",
  "fsconfig",
  "fsmount",
  "listmount",
  "openat2",
  "seccomp",
  "setpgid",
  "umask",
  "fchdir",
  "mknodat",
  "mkdirat",
  "symlinkat",
  "fchmodat",
  "execveat",
  "dup3",
  "close_range",
  "setns",
  "process_vm_readv",
] as const;

export const REFUSALS: readonly Refusal[] = [
  ...NEEDED.map(plain),
  ...(["statmount", "fchownat"] as const).map(needless),
  command("CMD_CREATE"),
  command("SET_STRING"),
  command("SET_FLAG"),
  command("CMD_RECONFIGURE"),
  option("SET_DUMPABLE"),
  option("SET_NO_NEW_PRIVS"),
  option("CAPBSET_DROP"),
  option("CAP_AMBIENT"),
  option("SET_PDEATHSIG"),
  {
    name: "openat O_PATH",
    call: "openat",
    when: [[2, O_PATH, O_PATH]],
    outside: true,
  },
  { name: "openat to write", call: "openat", when: [[2, ALL, WRITE_ONLY]] },
  {
    name: "statx of a descriptor",
    call: "statx",
    when: [[2, ALL, EMPTY_PATH]],
  },
  {
    name: "ioctl to bring lo up",
    call: "ioctl",
    when: [[1, ALL, INTERFACE_UP]],
  },
  { name: "clone3", call: "clone3", errno: ENOSYS },
  { name: "execve", call: "execve" },
  {
    name: "setresuid to root",
    call: "setresuid",
    when: [
      [0, ALL, UNCHANGED],
      [1, ALL, 0],
    ],
  },
  {
    name: "setresuid to the user",
    call: "setresuid",
    when: [
      [0, ALL, UNCHANGED],
      [1, ALL, "user"],
    ],
    outside: true,
  },
  {
    name: "setresuid for good",
    call: "setresuid",
    when: [
      [0, ALL, "user"],
      [1, ALL, "user"],
      [2, ALL, "user"],
    ],
    outside: true,
  },
  { name: "capset", call: "capset", outside: true },
  { name: "pidfd_open", call: "pidfd_open", outside: true },
  { name: "chdir", call: "chdir", outside: true },
  { name: "poll", call: "poll", outside: true },
  { name: "prlimit64", call: "prlimit64", outside: true },
  { name: "rt_sigprocmask", call: "rt_sigprocmask", outside: true },
  { name: "rt_sigaction", call: "rt_sigaction", outside: true },
];

const EIO = 5;

/** The rule for `refuse`. */
export function renderRefusal(
  { call, when = [], errno = EIO }: Refusal,
  user: number,
): string {
  const conditions = when.flatMap(([index, mask, value]) => [
    index,
    mask,
    value === "user" ? user : value,
  ]);
  return [errno, SYSCALL[call], ...conditions].join(":");
}

/**
 * What is said of a launch that failed: by the launcher, and by a baked file,
 * which carries these words.
 */

import type { Step } from "../../syscalls/program.ts";
import type { Bytes } from "./bytes.ts";

/** Where no process or thread can be made. */
export const PROCESS_LIMITS =
  "a limit on processes is reached: the user's (ulimit -u) or the cgroup's (pids.max, systemd's TasksMax)";

/** What the Program itself says of a directory without any x. */
export const CLOSED = "nobody may enter the directory that it must be made in";

const CLOSED_HINT =
  "you may not enter a directory on the way: one that --hide has closed takes no mounts, a tmpfs in its place (-t) does";

/** What to do about a call's error, where one cause is likely. */
export const CALL_HINTS: Readonly<Record<string, string>> = {
  "clone3 EAGAIN": PROCESS_LIMITS,
  "capset EPERM":
    "root's CAP_SYS_ADMIN is out of reach here (capsh --print shows the bounding set): --rootless takes a user namespace instead",
  "prlimit64 EPERM":
    "a hard limit can be lowered, never raised: ulimit -H -a shows your own",
  "process_vm_readv EPERM":
    "who may not trace a process may not enter its instance: kernel.yama.ptrace_scope above 0 forbids it where root's privilege made the instance",
  "process_vm_readv ENOSYS":
    "this kernel was built without CONFIG_CROSS_MEMORY_ATTACH",
  "setns EPERM":
    "within an instance that root's privilege made, none is entered from another",
  "faccessat EACCES":
    "you may not look up what is in this directory (its x): only one in which you may can be the root",
  "openat2 EACCES": CLOSED_HINT,
  "mkdirat ENOENT":
    "what is in a /proc is the kernel's alone: mount on something that is there, or elsewhere",
  "pwrite64 EFBIG": "files may not be that large: see ulimit -f",
  "memfd_create EACCES":
    "vm.memfd_noexec is 2 on this host, so nothing in memory may be executed: 1 would do",
};

/** The same for what the Program itself finds, by what it says. */
export const FINDING_HINTS: Readonly<Record<string, string>> = {
  [CLOSED]: CLOSED_HINT,
};

/** Why the command could not be executed. */
export const COMMAND_STATE = {
  notProgram: "it is neither a program nor a script",
  interpreterMissing: "its interpreter is missing inside",
  notFound: "no such command inside",
  tooLong: "its arguments and variables are too long",
} as const;

export const INTERPRETER_HINT =
  "a script names it in its first line, a program was linked against another system's libraries";

/** Where a command was looked for that was not found. */
export function searchHint(command: Bytes): string {
  return command.includes("/")
    ? "the path is looked up inside the instance"
    : "PATH is searched inside the instance";
}

/** What became of a child that said nothing: `killed` stands before the signal, `before` behind it. */
export const ENDED = {
  exited: "it ended before the command could start",
  killed: "it was killed by signal",
  before: "before the command could start",
} as const;

/** What a step is about, if its action does not say so already. */
export function subjectOf({ subject }: Step, action: string): string {
  return subject === null || action.includes(subject) ? "" : `${subject}: `;
}

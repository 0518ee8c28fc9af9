/**
 * Every system call of stage 0 itself before it is Bun's turn, in the order in which
 * its Program holds them, each with its reason. A new one needs a reason that
 * an auditor accepts: until "give up the effective ids" is done they run as root.
 */

/** Part of the Program, and its calls: name, what it takes where that matters, why. */
export const SYSTEM_CALLS: readonly (readonly [
  part: string,
  calls: readonly (readonly [call: string, reason: string])[],
])[] = [
  [
    "give up the effective ids",
    [
      ["getresuid", "is the file set-user-id, and to whom?"],
      ["getresgid", "is it set-group-id?"],
      ["capset", "neither, and no root: what capabilities there are, end"],
      [
        "prctl PR_GET_DUMPABLE",
        "could the user trace a process that keeps root as saved id?",
      ],
      ["setresuid", "traceable: root is given up for good"],
      [
        "setresuid",
        "not traceable: the effective id becomes the user's, root stays the saved one",
      ],
      ["getresuid", "is the effective id the user's?"],
      ["write", "it is not: say so"],
      ["exit_group", "and end"],
      ["setresgid", "set to anybody but root: every id becomes the caller's"],
      ["setresuid", "the same for the user ids"],
      ["write", "say that such a file does not start"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "keep the signal dispositions and mask",
    [
      ["rt_sigprocmask SIG_BLOCK", "with no set: which signals are blocked?"],
      [
        "rt_sigprocmask SIG_SETMASK",
        "what is sent from here on waits for the supervisor",
      ],
      ["rt_sigaction", "with no new action: is this signal ignored?"],
      ["rt_sigaction", "SIGPWR gets its default: Bun wants it for itself"],
    ],
  ],
  [
    "keep the limits and the name",
    [
      ["prlimit64", "RLIMIT_NOFILE, which Bun raises"],
      ["prlimit64", "RLIMIT_CORE"],
      ["prctl PR_GET_NAME", "the name that the supervisor keeps"],
      ["prctl PR_GET_DUMPABLE", "for the launcher to know"],
    ],
  ],
  [
    "see which descriptors are open",
    [["poll", "without waiting: POLLNVAL says that one is closed"]],
  ],
  [
    "put closed descriptors 0 to 2 on /dev/null",
    [
      ["openat", "what is opened next must not become standard input"],
      ["openat", "nor output"],
      ["openat", "nor error"],
      ["write", "there is no /dev/null: say so"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "keep the working directory and leave it",
    [
      ["openat", '"." as a place only, for relative sources'],
      ["getcwd", "its path, for where the command starts"],
      ["chdir", '"/": Bun finds no configuration of the caller\'s there'],
    ],
  ],
  [
    "see whether the kernel lists mounts",
    [
      ["openat", '"/" as a place only'],
      ["statx", "the id of its mount"],
      ["close", "the place"],
      ["statmount", "does it tell everything that the ready-made launch asks?"],
    ],
  ],
  [
    "see whose privilege there is",
    [
      ["setresuid", "--rootless: a saved root is given up for good"],
      [
        "readlinkat",
        "setuid: is this the namespace in which root is the host's?",
      ],
      ["capget", "root: has it its capabilities?"],
      ["readlinkat", "and is it the host's?"],
    ],
  ],
  [
    "see whether there is room",
    ["AS", "DATA", "STACK"].flatMap((limit) => [
      ["prlimit64", `RLIMIT_${limit}: is there enough for Bun?`] as const,
      ["write", "there is not: say so"] as const,
      ["exit_group", "and end"] as const,
    ]),
  ],
  [
    "see whether there is a /proc",
    [
      ["faccessat", "does it show Bun its executable?"],
      ["write", "it does not: say so"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "see whether descriptors are free",
    [
      ["prlimit64", "RLIMIT_NOFILE: the soft limit becomes the hard one"],
      ["fcntl", "takes the lowest free descriptor, eight times"],
      ["close", "and gives it back"],
      ["write", "there are too few: say so"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "see whether threads can be started",
    [
      ["sysinfo", "how many processes has the whole host?"],
      ["prlimit64", "RLIMIT_NPROC: is it above that?"],
      ["openat", "/proc/self/cgroup: is there a limit of a cgroup's?"],
      ["read", "its text"],
      ["close", "and no more of it"],
      ["readlinkat", "is what it calls the root the machine's? All is well"],
      ["clone3", "else threads that do nothing, each waiting for the next"],
      ["getcpu", "where the first runs"],
      ["sched_setaffinity", "there it stays, with those behind it"],
      ["exit", "the end of such a thread"],
      ["write", "there is no room for one: say so"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "map the dynamic linker",
    [
      ["openat", "the path that the executable names, absolute and root's own"],
      ["read", "its headers"],
      ["mmap", "room for all of it"],
      ["mmap", "each segment"],
      ["mmap", "memory behind the file's end"],
      ["close", "the file"],
      ["write", "it cannot be loaded: say so"],
      ["exit_group", "and end"],
    ],
  ],
  [
    "show the dynamic linker its own program header",
    [
      ["mprotect", "the page of the headers becomes writable"],
      ["mprotect", "and read-only again"],
    ],
  ],
];

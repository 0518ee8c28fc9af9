/**
 * The one description of every option: the strict parser, the citty
 * definitions and the help texts are made from these rows.
 */

/** What an option belongs to, in the order of the help text. */
export const GROUPS = [
  "Filesystem",
  "Environment",
  "Isolation",
  "Image",
  "Batch",
  "Installation",
  "General",
] as const;

/** A command line that shows an option, and what it does. */
export interface Example {
  readonly line: string;
  readonly text: string;
}

/** One option. */
export interface OptionRow {
  /** The long name, without its dashes. */
  readonly name: string;
  /** The letter of the short name, or null. */
  readonly short: string | null;
  /** What its values are called, one for each word that it takes. */
  readonly values: readonly string[];
  /** May it be given more than once? */
  readonly repeatable: boolean;
  /** The commands that it means something to. */
  readonly commands: readonly (
    | "run"
    | "build"
    | "batch"
    | "bake"
    | "explain"
    | "enter"
    | "ps"
    | "stop"
    | "doctor"
    | "import"
    | "install"
    | "uninstall"
    | "help"
  )[];
  readonly group: (typeof GROUPS)[number];
  /** What a value is called that may be given: attached by `=`, or as the next word if that begins with a digit. */
  readonly optional?: string;
  /** Why other commands about instances do not take it. */
  readonly without?: Readonly<Record<"build" | "bake", string>>;
  /** A number may stand right behind the short name, as make has it: `-j8`. */
  readonly attaches?: true;
  /** Words that may be attached by `=`, for an option that needs no value. */
  readonly forms?: readonly string[];
  readonly help: string;
  readonly examples: readonly Example[];
}

const LAUNCH = ["run", "build", "bake"] as const;
const BATCH = ["batch"] as const;
const LAUNCH_OR_BATCH = [...LAUNCH, ...BATCH] as const;
const LAUNCH_OR_ENTER = [...LAUNCH, "enter"] as const;
const ENTER = [...LAUNCH_OR_BATCH, "enter"] as const;
const IMPORT = ["import"] as const;
const EVERY = [
  ...ENTER,
  "explain",
  "ps",
  "stop",
  "doctor",
  "import",
  "install",
  "uninstall",
  "help",
] as const;

export const OPTIONS = [
  {
    name: "rootfs",
    short: "r",
    values: ["DIR"],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "Filesystem",
    help: "The root filesystem, by default /. Other filesystems mounted below it are hidden.",
    examples: [
      {
        line: "selfdock --rootfs /mnt/debian run sh",
        text: "A shell in another Linux tree",
      },
      {
        line: "selfdock -r /mnt/debian build touch /etc/motd",
        text: "Change that tree, by your own rights",
      },
    ],
  },
  {
    name: "map",
    short: "m",
    values: ["SRC", "DST"],
    repeatable: true,
    commands: LAUNCH_OR_BATCH,
    group: "Filesystem",
    help: "Show the file or directory SRC read-only at DST, with all that is mounted below it. SRC may be relative to your directory; DST is absolute, or . for the path of SRC.",
    examples: [
      {
        line: "selfdock --map /mnt/data /data run ls /data",
        text: "Look at another filesystem, read-only",
      },
    ],
  },
  {
    name: "vol",
    short: "v",
    values: ["SRC", "DST"],
    repeatable: true,
    commands: LAUNCH_OR_BATCH,
    group: "Filesystem",
    help: "The same, writable where you may write.",
    examples: [
      {
        line: "selfdock -v . . run make",
        text: "Build in your directory, where it is",
      },
      {
        line: "selfdock -r /opt/busybox -v /dev /dev run eject",
        text: "Use a device of the host",
      },
    ],
  },
  {
    name: "tmpfs",
    short: "t",
    values: ["OPT", "DST"],
    repeatable: true,
    commands: LAUNCH_OR_BATCH,
    group: "Filesystem",
    help: "An empty filesystem in memory at DST. OPT is '' or a list like size=4K,mode=700 of size=N[k|m|g], nr_inodes=N, mode=OCTAL, uid=N, gid=N; by default size=256m,nr_inodes=262144,mode=1777.",
    examples: [
      {
        line: "selfdock -t size=1g /tmp run sort big.txt",
        text: "More room in /tmp",
      },
      {
        line: "selfdock -t '' /var/cache run sh",
        text: "An empty /var/cache",
      },
    ],
  },
  {
    name: "hide",
    short: null,
    values: ["PATH"],
    repeatable: true,
    commands: LAUNCH_OR_BATCH,
    group: "Filesystem",
    help: "Put something empty, which cannot be read or written, in the place of PATH, which must exist inside. Later options lie on top of it, never in it.",
    examples: [
      {
        line: "selfdock -m ~ ~ --hide ~/.ssh run sh",
        text: "Your files, but not your keys",
      },
    ],
  },
  {
    name: "data",
    short: null,
    values: ["FD", "DST"],
    repeatable: true,
    commands: LAUNCH,
    group: "Filesystem",
    help: "A read-only file at DST with what is read from the inherited descriptor FD, from 3 to 1023; at most 256 MiB.",
    examples: [
      {
        line: "selfdock --data 3 /etc/motd run cat /etc/motd 3<<<hello",
        text: "A file that is on no disk",
      },
    ],
  },
  {
    name: "cd",
    short: "C",
    values: ["DIR"],
    repeatable: false,
    commands: ENTER,
    group: "Filesystem",
    help: "The directory inside to start in; absolute. By default your own path if it exists inside, else /.",
    examples: [{ line: "selfdock -C /usr run pwd", text: "Start in /usr" }],
  },
  {
    name: "env",
    short: "e",
    values: ["NAME", "VALUE"],
    repeatable: true,
    commands: ENTER,
    group: "Environment",
    help: "Set the variable NAME.",
    examples: [
      {
        line: "selfdock -e LANG C -E DISPLAY run env",
        text: "Change the environment",
      },
    ],
  },
  {
    name: "unset-env",
    short: "E",
    values: ["NAME"],
    repeatable: true,
    commands: ENTER,
    group: "Environment",
    help: "Remove the variable NAME.",
    examples: [
      {
        line: "selfdock -v . . --unset-env EDITOR run git commit -m message",
        text: "Remove a variable",
      },
    ],
  },
  {
    name: "keep-fd",
    short: null,
    values: ["N"],
    repeatable: true,
    commands: LAUNCH_OR_ENTER,
    group: "Isolation",
    help: "Keep the inherited descriptor N, from 3 to 1023; all others above 2 are closed. The same N twice counts once.",
    examples: [
      {
        line: "selfdock --keep-fd 3 run sh -c 'cat <&3' 3<file",
        text: "Hand an open file in",
      },
    ],
  },
  {
    name: "net",
    short: null,
    values: ["host|none"],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "Isolation",
    help: "host, the default: share the network. none: loopback only.",
    examples: [
      {
        line: "selfdock --net none -v . . run make test",
        text: "Tests without a network",
      },
    ],
  },
  {
    name: "proc",
    short: null,
    values: ["own|host|none"],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "Isolation",
    help: "own, the default: a fresh /proc that shows the instance's processes alone. Where that is refused, as in containers: host, the surrounding /proc, read-only, which shows the names and arguments of processes outside; none, an empty directory. Both imply --rootless.",
    examples: [
      {
        line: "selfdock --proc none -v . . run make",
        text: "In a container whose own /proc is partly covered",
      },
    ],
  },
  {
    name: "hostname",
    short: null,
    values: ["NAME"],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "Isolation",
    help: "The host's name inside: up to 64 letters, digits, dots and dashes.",
    examples: [
      {
        line: "selfdock --hostname builder run uname -n",
        text: "Another name, inside only",
      },
    ],
  },
  {
    name: "ulimit",
    short: null,
    values: ["NAME=SOFT[:HARD]"],
    repeatable: true,
    commands: LAUNCH_OR_BATCH,
    group: "Isolation",
    help: "Limit what COMMAND may use; HARD is SOFT if it is not given. NAME is as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending or stack; a limit is a number in the kernel's units (bytes, seconds, ...) or unlimited.",
    examples: [
      {
        line: "selfdock --ulimit cpu=60 --ulimit nofile=64:128 -v . . run make",
        text: "One minute of processor time, few files",
      },
    ],
  },
  {
    name: "rootless",
    short: null,
    values: [],
    repeatable: false,
    commands: [...LAUNCH_OR_BATCH, ...IMPORT],
    group: "Isolation",
    help: "Give up a saved root and use user namespaces.",
    examples: [
      {
        line: "selfdock --rootless run id",
        text: "Without the setuid bit of an installed selfdock",
      },
    ],
  },
  {
    name: "as-root",
    short: null,
    values: [],
    repeatable: false,
    commands: [...LAUNCH_OR_BATCH, ...IMPORT],
    group: "Isolation",
    help: "Be uid and gid 0 inside, which is you outside, and have what subordinate ids newuidmap gives you. Implies --rootless and --init. With build the command may mount, inside.",
    examples: [
      {
        line: "selfdock -r debian build --as-root apt-get install gcc",
        text: "Install into a root of your own, without root",
      },
    ],
  },
  {
    name: "scratch",
    short: null,
    values: [],
    optional: "SIZE",
    repeatable: false,
    commands: ["run", ...BATCH],
    without: {
      build: "what build writes is to stay, and what --scratch writes vanishes",
      bake: "what it makes depends on the directory in which it is started",
    },
    group: "Filesystem",
    help: "A writable root whose changes lie in memory and vanish with the instance; up to SIZE, by default 1g. A word after it that begins with a digit is its SIZE. You may change what your own rights allow; of the host's root that is what is yours, below your directory and HOME or named by its path in COMMAND. Implies --rootless.",
    examples: [
      {
        line: "selfdock -r debian --scratch --as-root run apt-get install -y gcc",
        text: "Install something, and leave no trace of it",
      },
      {
        line: "selfdock --scratch=2g run sh",
        text: "Change files of yours on the host's root, in memory alone",
      },
    ],
  },
  {
    name: "init",
    short: null,
    values: [],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "Isolation",
    help: "Put a minimal init at pid 1: it passes signals on, reaps orphans, and ends with COMMAND, which becomes pid 2. Without it COMMAND is pid 1, for which a signal that it does not handle has no effect if it sends it to itself.",
    examples: [
      {
        line: "selfdock -v . . run --init make -j8",
        text: "For a command that leaves orphans or kills itself",
      },
    ],
  },
  {
    name: "name",
    short: null,
    values: ["NAME"],
    repeatable: false,
    commands: LAUNCH_OR_BATCH,
    group: "General",
    help: "What ps, enter and stop call the instance: a letter, then up to 63 letters, digits, dots, underscores and dashes.",
    examples: [
      {
        line: "selfdock run --name web python3 -m http.server",
        text: "An instance to find again",
      },
    ],
  },
  {
    name: "image-config",
    short: null,
    values: [],
    repeatable: false,
    commands: LAUNCH,
    group: "Image",
    help: "Take what the config of an imported root (DIR.image.json) says: its variables, below --env; its directory, unless there is --cd; its entrypoint before COMMAND, and its command where there is no COMMAND.",
    examples: [
      {
        line: "selfdock -r ~/alpine run --image-config",
        text: "Run what the image is made to run",
      },
    ],
  },
  {
    name: "image",
    short: null,
    values: ["NAME[:TAG]"],
    repeatable: false,
    commands: IMPORT,
    group: "Image",
    help: "Which image of an archive that has several; the tag is latest if none is given.",
    examples: [
      {
        line: "selfdock import --image app:2 ~/app < images.tar",
        text: "One of several images",
      },
    ],
  },
  {
    name: "platform",
    short: null,
    values: ["OS/ARCH"],
    repeatable: false,
    commands: IMPORT,
    group: "Image",
    help: "For which platform, if the archive has an image for several; by default this machine's.",
    examples: [
      {
        line: "selfdock import --platform linux/arm64 ~/arm < app.tar",
        text: "For another machine",
      },
    ],
  },
  {
    name: "ignore-devices",
    short: "i",
    values: [],
    repeatable: false,
    commands: IMPORT,
    group: "Image",
    help: "Leave device nodes out in silence; without it those that cannot be made are counted.",
    examples: [
      {
        line: "selfdock import -i ~/old < root.tar",
        text: "A root filesystem with its /dev",
      },
    ],
  },
  {
    name: "list",
    short: null,
    values: [],
    repeatable: false,
    commands: IMPORT,
    group: "Image",
    help: "Show the images of the archive with their layers and configs, and import nothing.",
    examples: [
      { line: "selfdock import --list < images.tar", text: "What is in it?" },
    ],
  },
  {
    name: "output",
    short: "o",
    values: ["FILE"],
    repeatable: false,
    commands: ["bake"],
    group: "General",
    help: "The file to make: a regular file of that name is replaced, at once and as a whole.",
    examples: [
      {
        line: "selfdock bake -o ~/bin/gcc -v . . run gcc",
        text: "A gcc that sees your directory and nothing else of yours",
      },
    ],
  },
  {
    name: "jobs",
    short: "j",
    values: ["N"],
    attaches: true,
    repeatable: false,
    commands: BATCH,
    group: "Batch",
    help: "How many commands run at a time, from 1 to 1024; by default as many as there are processors. The instances of the next ones are made meanwhile; with 1, nothing of one begins before all of the last has gone. -jN is the same as -j N.",
    examples: [{ line: "selfdock batch -j 8 jobs", text: "Eight at a time" }],
  },
  {
    name: "format",
    short: null,
    values: ["lines|null|json"],
    repeatable: false,
    commands: BATCH,
    group: "Batch",
    help: 'How commands are written. lines, the default: one a line, quoted as in a shell; there is no shell, and what one would expand or take as an operator must be quoted; # begins a comment. null: the same, each ended by a NUL, line feeds within quotes. json: one object a line, {"argv": ["cc", "a.c"], "env": {"A": "b", "C": null}, "cwd": "/src", "stdin": "file"}, all but argv optional.',
    examples: [
      {
        line: "selfdock batch --format json < commands.json",
        text: "Commands with variables and standard inputs of their own",
      },
    ],
  },
  {
    name: "null",
    short: "0",
    values: [],
    repeatable: false,
    commands: BATCH,
    group: "Batch",
    help: "The same as --format null.",
    examples: [
      {
        line: "selfdock -v . . batch --null < commands",
        text: "Commands with line feeds in their words",
      },
    ],
  },
  {
    name: "output-dir",
    short: null,
    values: ["DIR"],
    repeatable: false,
    commands: BATCH,
    group: "Batch",
    help: "Write what the command of line N writes to the new files DIR/N.out and DIR/N.err; DIR is made if it is missing. Otherwise it is kept in memory until the command has ended, and goes to standard output and standard error then, each command's as a whole.",
    examples: [
      {
        line: "selfdock batch --output-dir logs jobs",
        text: "Files for each command's output",
      },
    ],
  },
  {
    name: "stop-on-failure",
    short: null,
    values: [],
    repeatable: false,
    commands: BATCH,
    group: "Batch",
    help: "After the first failure start nothing more; what runs goes on to its end.",
    examples: [
      {
        line: "selfdock batch --stop-on-failure -j 1 steps",
        text: "One after another, as long as all is well",
      },
    ],
  },
  {
    name: "json",
    short: null,
    values: [],
    repeatable: false,
    commands: ["ps", "doctor", "explain", ...BATCH],
    group: "General",
    help: "Print JSON, for programs. Of batch: a line for each command, with its status, times and peak memory; what commands write goes to standard error then, or to --output-dir.",
    examples: [{ line: "selfdock ps --json", text: "The same for programs" }],
  },
  {
    name: "timeout",
    short: "t",
    values: ["SECONDS"],
    repeatable: false,
    commands: ["stop", ...BATCH],
    group: "General",
    help: "How long to wait before killing, from 0 to 86400, with up to three decimals. Of stop: by default 10; the short name stands after it. Of batch: each command, by default for ever; one that is killed has failed.",
    examples: [
      { line: "selfdock stop -t 0 web", text: "Kill it at once" },
      {
        line: "selfdock batch --timeout 60 jobs",
        text: "A minute for each command",
      },
    ],
  },
  {
    name: "prefix",
    short: null,
    values: ["DIR"],
    repeatable: false,
    commands: ["install", "uninstall"],
    group: "Installation",
    help: "Where programs live; absolute, by default /usr/local. selfdock itself goes to DIR/bin. The variable DESTDIR, if set, is put before every path.",
    examples: [
      {
        line: "selfdock install --prefix /opt",
        text: "Install /opt/bin/selfdock",
      },
      { line: "selfdock uninstall --prefix /opt", text: "And remove it" },
    ],
  },
  {
    name: "mode",
    short: null,
    values: ["MODE"],
    repeatable: false,
    commands: ["install"],
    group: "Installation",
    help: "Its permissions in octal, by default 4755: setuid root. 0755 works where user namespaces are allowed.",
    examples: [
      {
        line: "selfdock install --mode 0755",
        text: "Install for everyone, without privilege",
      },
    ],
  },
  {
    name: "dry-run",
    short: null,
    values: [],
    repeatable: false,
    commands: LAUNCH_OR_ENTER,
    group: "General",
    forms: ["steps", "json"],
    help: "Say in words what would be done and why, and do nothing. =steps prints every step of the program of system calls, =json the same for programs.",
    examples: [
      {
        line: "selfdock --dry-run run true",
        text: "Show what an instance is made of",
      },
      {
        line: "selfdock --dry-run=steps -v . . run make",
        text: "Every system call that would be made",
      },
      {
        line: "selfdock --dry-run=json run true",
        text: "The same for programs",
      },
    ],
  },
  {
    name: "help",
    short: "h",
    values: [],
    repeatable: false,
    commands: EVERY,
    group: "General",
    help: "Print help and exit.",
    examples: [{ line: "selfdock run --help", text: "Help on one command" }],
  },
  {
    name: "version",
    short: null,
    values: [],
    repeatable: false,
    commands: EVERY,
    group: "General",
    help: "Print the version and exit.",
    examples: [{ line: "selfdock --version", text: "Which selfdock is this?" }],
  },
] as const satisfies readonly OptionRow[];

/** The long name of an option. */
export type OptionName = (typeof OPTIONS)[number]["name"];

/** One option, known by name. */
export type Option = OptionRow & { readonly name: OptionName };

/** What the parser needs of it. */
export type BriefOption = Omit<Option, "help" | "examples" | "group">;

/** The commands of selfdock, in the order of the help text. */

import type { Example } from "./options.table.ts";

/** One command. */
export interface CommandRow {
  readonly name:
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
    | "help";
  /** The words after `selfdock`. */
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  readonly examples: readonly Example[];
}

/** The name of a command. */
export type CommandName = CommandRow["name"];

export const COMMANDS: readonly CommandRow[] = [
  {
    name: "run",
    usage: "[OPTIONS] run [OPTIONS] COMMAND [ARG...]",
    summary: "Run COMMAND in a new instance, its root read-only",
    help: "Run COMMAND in a new instance: its own processes, its own /proc, /dev and /tmp, and a read-only root in which only the root filesystem is visible. You are the same user inside, with no way to more rights. Nothing is written to a disk and nothing is left behind.",
    examples: [
      {
        line: "selfdock run sh -c 'id; ps; df -h'",
        text: "Look around in an instance",
      },
    ],
  },
  {
    name: "build",
    usage: "[OPTIONS] build [OPTIONS] COMMAND [ARG...]",
    summary: "The same with the root writable, by your own rights",
    help: "Run COMMAND in a new instance whose root is writable, by your own rights: what it writes there stays. For making the root filesystems of other instances; for everything else take run with --vol. A directory that lacks a place to mount at is read-only itself, such as / of a new root which has no /proc, /dev or /tmp yet: make them first.",
    examples: [
      {
        line: "selfdock --rootfs ~/alpine build sh",
        text: "Work on a root filesystem of your own",
      },
    ],
  },
  {
    name: "batch",
    usage: "[OPTIONS] batch [OPTIONS] [FILE]",
    summary: "Run many commands, each in an instance of its own",
    help: "Read commands from FILE or standard input, as they come, and run each as run would, in a new instance, its standard input /dev/null, so many at a time. Options are for all of them. It is one process, and goes the rootless way. A line that is no command counts as a failed one, and is told by its number; one that is empty is passed over. An interrupt ends all that runs.",
    examples: [
      {
        line: "selfdock -v . . batch -j 8 commands",
        text: "The commands of a file, eight at a time",
      },
    ],
  },
  {
    name: "bake",
    usage: "bake -o FILE [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]",
    summary: "Make a program that is an instance of COMMAND",
    help: "Make FILE, a static executable of its own, of some 15 kB, that does what selfdock --rootless with the same words would do, and gives its own arguments to COMMAND behind ARG. It needs neither selfdock nor a libc, and starts as fast as a C program that makes the same system calls. What is relative in a SRC, and . as a DST, is seen from the directory in which FILE is started; paths, PATH, the environment and what is mounted on the root are looked up anew at each start, and FILE itself is passed over in PATH. It needs Linux 6.13, which lists what is mounted. What an image's config says is read now. FILE is for every user, or for you alone where your ids stand in it (--as-root, uid= and gid= of --tmpfs).",
    examples: [
      {
        line: "selfdock bake -o ./sh run sh",
        text: "A shell in an instance, as a program",
      },
    ],
  },
  {
    name: "explain",
    usage: "explain [--json] INSTANCE|FILE",
    summary: "Tell what an instance shares, or what a baked file does",
    help: "Of a running INSTANCE (its name, the pid of selfdock or of a process inside) tell what it shares with the host and what not, from the kernel's tables. Of a baked FILE, one with a / in it or of no instance's name, tell what it does, step by step. It is not executed: it is made again from the words that it was baked with, and what is told is what is in it, to the last byte. --json has all of it for programs.",
    examples: [
      {
        line: "selfdock explain ~/bin/gcc",
        text: "What does this gcc see?",
      },
      {
        line: "selfdock explain web",
        text: "What can the instance web reach?",
      },
    ],
  },
  {
    name: "enter",
    usage: "enter [OPTIONS] INSTANCE [COMMAND [ARG...]]",
    summary: "Run COMMAND, or your shell, in an instance that runs",
    help: "Run COMMAND in a running instance of yours: as one more process in its namespaces and its root, with no more rights than its first had, in your terminal, and with your environment. Without COMMAND it is your SHELL if that can be executed inside, else sh. INSTANCE is the NAME of run --name, the pid of selfdock, or that of any process inside. Whoever may not trace the instance's process may not enter. What is inside can reach what you enter with, once your command runs: its descriptors, its memory and its environment.",
    examples: [
      { line: "selfdock enter web", text: "A shell in the instance web" },
      {
        line: "selfdock enter -C /tmp web ls -l",
        text: "One command there",
      },
    ],
  },
  {
    name: "ps",
    usage: "ps [--json]",
    summary: "List your running instances; root: everybody's",
    help: "List your running instances, root those of all users, from the kernel's process table alone. PID is selfdock's, INIT that of the instance's pid 1. MEMORY is the sum of what its processes have in memory; what they share counts for each. What has entered an instance counts as its own. Instances that were started inside an instance belong to it, and only ps inside lists them. Of an instance of batch, or of a program that uses the library, PID is the small process that minds it: stop ends that instance alone.",
    examples: [{ line: "selfdock ps", text: "What runs?" }],
  },
  {
    name: "stop",
    usage: "stop [-t SECONDS] INSTANCE...",
    summary: "Ask instances to end; kill them after 10 seconds",
    help: "Send SIGTERM, which selfdock passes on, and kill what has not ended after 10 seconds. INSTANCE is the NAME of run --name, the pid of selfdock, or that of any process inside.",
    examples: [{ line: "selfdock stop web", text: "End the instance web" }],
  },
  {
    name: "doctor",
    usage: "doctor [--json]",
    summary: "Tell what this host allows, and how to get the rest",
    help: "Tell in which ways instances can be started here, which switch of this host forbids the others, what is missing and what helps. The status is 0 if all is well, 1 if instances start but something is missing, and 124 if none can start.",
    examples: [{ line: "selfdock doctor", text: "Why does it not work here?" }],
  },
  {
    name: "import",
    usage: "import [OPTIONS] DIR < ARCHIVE",
    summary: "Make a root filesystem of an image or a tar archive",
    help: "Make the new directory DIR of what is on standard input: an archive of images (docker save, skopeo copy, buildah push), an OCI layout (tar or directory: import DIR < LAYOUT) or a root filesystem (docker export, tar), plain or packed with gzip or zstd. An image's layers are checked by their digests and laid over each other, and its config is kept as DIR.image.json for run --image-config. All files become yours, and setuid and setgid bits are dropped; --as-root keeps owners, and the bits if DIR lies where only you can go. Until all is there, DIR is called DIR.partial-*; on any failure nothing of it stays.",
    examples: [
      {
        line: "selfdock import ~/alpine < alpine.tar",
        text: "After docker save alpine > alpine.tar",
      },
      {
        line: "selfdock --rootfs ~/alpine run --image-config",
        text: "Run what the image is made to run",
      },
    ],
  },
  {
    name: "install",
    usage: "install [--prefix DIR] [--mode MODE]",
    summary: "Install selfdock for all users; asks for root",
    help: "Copy this program to DIR/bin/selfdock, owned by root and by default setuid, so that it also works where user namespaces are forbidden. The man page, completions of bash, zsh and fish and the licences go to DIR/share, and where AppArmor 4 is (/etc/apparmor.d/abi/4.0), a profile that lets the program make user namespaces goes to /etc/apparmor.d. A directory that others than root can change is refused.",
    examples: [
      { line: "selfdock install", text: "Install /usr/local/bin/selfdock" },
    ],
  },
  {
    name: "uninstall",
    usage: "uninstall [--prefix DIR]",
    summary: "Remove what install has made",
    help: "Remove the program and every file that install puts beside it, and nothing else.",
    examples: [{ line: "selfdock uninstall", text: "Remove it again" }],
  },
  {
    name: "help",
    usage: "help [TOPIC]",
    summary: "Print help, on a command or a use if it is named",
    help: "",
    examples: [],
  },
];

/** What the help texts say beside the commands and options. */

import { OPTIONS } from "./options.table.ts";
import { listRepeatable } from "./usage-error.ts";

/** A headed list: what is described, and the description. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

export const WRITING: Section = {
  title: "Writing options",
  rows: [
    [
      "place",
      "before or after the command, in the order of their effects; nothing after COMMAND is an option of selfdock",
    ],
    [
      "--rootfs=DIR",
      "the same as --rootfs DIR; so for every option with one value",
    ],
    [
      "--map=SRC:DST",
      "the same as --map SRC DST, with exactly one colon; so --tmpfs=OPT:DST and --env=NAME:VALUE",
    ],
    ["again", `only ${listRepeatable(OPTIONS)} may be given more than once`],
    ["-v SRC DST", "short options stand alone: no -rv, no -vSRC"],
    ["--", "ends the options: the next word is COMMAND"],
  ],
};

export const INSTANCE: Section = {
  title: "Instance",
  rows: [
    ["/", "the root filesystem alone; read-only (run) or writable (build)"],
    ["/tmp", "a tmpfs of 256 MiB, unless something else is put there"],
    ["/proc, /dev", "its own; /dev holds a small set of devices"],
    ["directory", "--cd, else your own path if it exists inside, else /"],
    ["user, groups", "your own, without capabilities or a way to gain any"],
    ["network", "the host's, unless --net none"],
  ],
};

export const SIGNALS: Section = {
  title: "Signals and jobs",
  rows: [
    [
      "to selfdock",
      "each that can be handled reaches COMMAND once; one that it neither handles, ignores nor blocks does to the instance what it does to anybody",
    ],
    ["to its group", "reaches COMMAND at least once, maybe twice"],
    [
      "from within",
      "COMMAND is pid 1, which no signal of its own kills or stops: abort(3) and a broken pipe end it another way, vi and less take no Ctrl-Z; --init has all that as usual",
    ],
    [
      "make -j",
      "a job server is handed on by --keep-fd 3 --keep-fd 4; where MAKEFLAGS says fifo:PATH, by -v PATH PATH",
    ],
  ],
};

export const ENVIRONMENT: Section = {
  title: "Environment",
  rows: [
    [
      "(all of it)",
      "goes to COMMAND as it is, but for --env and --unset-env; selfdock itself takes nothing from it but what follows",
    ],
    ["PATH", "where COMMAND is looked for, inside"],
    ["NO_COLOR, TERM", "whether messages and help have colours"],
    ["DESTDIR", "what install and uninstall put before every path"],
  ],
};

export const FILES: Section = {
  title: "Files",
  rows: [
    ["DIR.image.json", "the config of the image that was imported to DIR"],
    [
      "/etc/subuid, /etc/subgid",
      "which ids newuidmap and newgidmap give --as-root",
    ],
    [
      "/etc/apparmor.d/usr.local.bin.selfdock",
      "lets the installed selfdock make user namespaces where AppArmor restricts them",
    ],
  ],
};

export const EXIT_STATUSES: Section = {
  title: "Exit status",
  rows: [
    [
      "N",
      "COMMAND's own; killed by a signal, selfdock dies of the same one (128+N where selfdock is pid 1, which cannot)",
    ],
    ["124", "selfdock cannot do what was asked; nothing was started"],
    ["126", "COMMAND was found but cannot be executed"],
    ["127", "COMMAND was not found"],
  ],
};

export const BATCH_EXIT_STATUSES: Section = {
  title: "Exit status",
  rows: [
    ["0", "every command has ended with status 0"],
    ["123", "some command has failed, or a line is no command"],
    ["124", "selfdock cannot do what was asked, or no instance can be started"],
    [
      "signal",
      "interrupted: it dies of the same signal, and all that runs ends",
    ],
  ],
};

export const DOCTOR_EXIT_STATUSES: Section = {
  title: "Exit status",
  rows: [
    ["0", "instances can be started, and all is well"],
    ["1", "instances can be started, but something is missing"],
    ["124", "no instance can be started"],
  ],
};

export const OWN_EXIT_STATUSES: Section = {
  title: "Exit status",
  rows: [
    ["0", "done"],
    ["124", "selfdock cannot do what was asked"],
  ],
};

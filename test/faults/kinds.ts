/** The kinds of launch whose every step is broken: one row each. */

import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { entry, makeRoom } from "../harness/room.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { subordinateLogin } from "./as-root.ts";
import type { Login, ModeName } from "./logins.ts";
import { SOAK } from "./soak.ts";

type Opened = NonNullable<StartOptions["open"]>;

/** A launch, and the room that its command would write its mark to. */
export interface Kind {
  readonly name: string;
  /** Options and the word `run` or `build`. */
  readonly args: readonly string[];
  readonly room: Room;
  /** Where it is started. */
  readonly cwd: string;
  /** Planned for itself by the variant with the seam; else it is a ready-made launch of the shipped program. */
  readonly planned: boolean;
  /** The processes that it makes one after another, up to the one whose command is executed. */
  readonly makes: readonly string[];
  /** The host of such a login, as `before` of a start. */
  readonly host: (login: Login) => readonly string[];
  /** The descriptors that it is started with. */
  readonly open: Opened;
}

/** A directory of the host's that is mapped into the instance, writable by anybody. */
export interface Room {
  readonly path: string;
  readonly inside: string;
  /** In a plain line's nothing can be written but a named pipe, of which this is the other end. */
  readonly pipe: number | null;
}

const MARK = "mark";

/** Did a command run? The mark is gone afterwards. */
export function takeMark({ path, pipe }: Room): boolean {
  if (pipe !== null) return drain(pipe);
  const mark = join(path, MARK);
  const made = existsSync(mark);
  rmSync(mark, { force: true });
  return made;
}

function drain(pipe: number): boolean {
  try {
    return readSync(pipe, Buffer.alloc(4096)) > 0;
  } catch {
    return false; // EAGAIN: nobody has written
  }
}

/**
 * What an instance is, as its command sees it: two equal reports mean two equal
 * instances. Without what differs from one start to the next (ids of mounts).
 */
const REPORT = [
  "cut -d' ' -f4- /proc/self/mountinfo | sed 's/ master:[0-9]*//; s/ shared:[0-9]*//'",
  "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|SigIgn)' /proc/1/status /proc/self/status",
  "grep -E '^(SigBlk|SigIgn)' /proc/self/status",
  "cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups",
  "cut -d' ' -f4-8 /proc/1/stat",
  "stat -c '%n %F %a %u %g %t %T' /* /dev/* /dev/pts/* /dev/shm . | grep -v ^/proc",
  "for file in /dev/*; do readlink $file; done; ls /proc/self/fd; wc -l < /proc/net/dev",
  "pwd; umask; env | grep -v SELFDOCK_ | sort; wc -c < /etc/resolv.conf",
  "find /missing 2>/dev/null | sort; cat /read 2>/dev/null",
].join("\n");

/** The command: makes its mark and reports on its instance. */
export function reporting({ inside }: Room): readonly string[] {
  const script = `echo made > ${inside}/${MARK}\n${REPORT}\n${inside}/state`;
  return ["sh", "-c", script];
}

/** The command: makes its mark and stays. */
export function staying({ inside }: Room): readonly string[] {
  return ["sh", "-c", `echo made > ${inside}/${MARK}\nexec sleep 60`];
}

function makeMarkRoom({ volume = true, inside }: Plan): Room {
  const path = makeRoom({ data: { file: "text" } });
  chmodSync(path, 0o777);
  copyFileSync(helper("state"), join(path, "state"));
  chmodSync(join(path, "state"), 0o755);
  return {
    path,
    inside: inside ?? path,
    pipe: volume === false ? makePipe(join(path, MARK)) : null,
  };
}

/** A named pipe that anybody may open, and this end of it. */
export function makePipe(path: string): number {
  Bun.spawnSync(["mkfifo", "-m", "666", path]);
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}

function makeRoot(): Promise<string> {
  return busyboxRoot({
    mark: {},
    etc: { "resolv.conf": "", group: "x" },
    lib: entry({ tree: { thing: "text" } }),
  });
}

interface Plan {
  readonly args: readonly string[];
  /** This host, if it has nothing that the kind needs. */
  readonly host?: Kind["host"];
  readonly open?: Opened;
  /** No launch of the kind is ready-made. */
  readonly planned?: boolean;
  /** Where its volume is inside, if not at its own path. */
  readonly inside?: string;
  /** Whether its volume is to be added: by default. `here`: it is the directory that it is started in. */
  readonly volume?: boolean | "here";
}

/** The options of each kind, without its volume. */
const KINDS = {
  "a plain line": () => ({ args: ["run"], volume: false }),
  "-v . .": () => ({ args: ["-v", ".", ".", "run"], volume: "here" }),
  run: () => ({ args: ["run"] }),
  build: () => ({ args: ["build"] }),
  "--net none": () => ({ args: ["--net", "none", "run"] }),
  "--init": () => ({ args: ["--init", "run"] }),
  "--as-root, one id": () => ({ args: ["--as-root", "run"], planned: true }),
  "--as-root, build": () => ({
    args: ["--as-root", "build"],
    host: subordinateLogin,
    planned: true,
  }),
  "--scratch": () => ({ args: ["--scratch", "run"], planned: true }),
  "--scratch, --rootfs": async () => ({
    args: ["-r", await makeRoot(), "--scratch", "-C", "/etc", "run"],
    planned: true,
    inside: "/marked",
  }),
  "--rootfs": async () => ({
    args: ["-r", await makeRoot(), "-C", "/etc", "run"],
    inside: "/mark",
  }),
  "--rootfs, build": async () => ({
    args: ["-r", await makeRoot(), "build"],
    inside: "/mark",
  }),
  "mounts at missing places": () => {
    const source = makeRoom({ file: "text", directory: { deep: "text" } });
    const tmpfs = ["-t", "size=1m", "/missing/deep/tmp"];
    const file = ["-m", join(source, "file"), "/missing/file"];
    const args = ["-m", source, "/missing/map", ...tmpfs, ...file, "run"];
    return { args };
  },
  "what must be computed": () => {
    const hidden = ["--hide", "/etc/hostname", "--hostname", "other"];
    const environment = ["-e", "A", "B", "-E", "HOME", "--name", "it"];
    return { args: [...hidden, ...environment, "run"] };
  },
  "--data": () => {
    const file = join(makeRoom({ text: "what is read" }), "text");
    const args = ["--data", "7", "/read", "run"];
    return { args, open: [[7, file]], planned: true };
  },
  "an order by Bun": () => ({ args: ["--ulimit=cpu=60:90", "run"] }),
} satisfies Record<string, () => Plan | Promise<Plan>>;

/**
 * Kinds that a plain run takes in one mode: they go one way in every mode, or
 * every mode has another kind like them.
 */
const ONE_MODE: Readonly<Record<string, ModeName>> = {
  "--scratch": "rootless",
  "--scratch, --rootfs": "rootless",
  "what must be computed": "setuid",
  "--data": "setuid",
  "an order by Bun": "setuid",
};

/** Whether a run of the tests takes the kind in this mode. */
export function takes(name: KindName, mode: ModeName): boolean {
  const only = name.endsWith(", planned") ? "setuid" : ONE_MODE[name];
  return SOAK || only === undefined || mode === only;
}

type PlanName = keyof typeof KINDS;

/** Those that are planned for themselves, too. */
const PLANNED = [
  "run",
  "--rootfs, build",
  "--init",
  "mounts at missing places",
] as const satisfies readonly PlanName[];

export type KindName = PlanName | `${(typeof PLANNED)[number]}, planned`;

export const KIND_NAMES: readonly KindName[] = [
  ...(Object.keys(KINDS) as readonly PlanName[]),
  ...PLANNED.map((name) => `${name}, planned` as const),
];

/** A kind of launch with a room of its own. */
export async function makeKind(name: KindName): Promise<Kind> {
  const planned = name.endsWith(", planned");
  const own = planned ? name.slice(0, -", planned".length) : name;
  const plan: Plan = await KINDS[own as PlanName]();
  const { args, volume = true, host = () => [], open = [] } = plan;
  const room = makeMarkRoom(plan);
  const added = volume === true ? ["-v", room.path, room.inside] : [];
  const cwd = volume === "here" ? room.path : "/";
  return {
    name,
    args: [...added, ...args],
    room,
    cwd,
    planned: planned || plan.planned === true,
    makes: ["child"],
    host,
    open,
  };
}

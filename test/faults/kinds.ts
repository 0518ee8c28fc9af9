/** The kinds of launch whose every step is broken: one row each. */

import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";

/** A launch, and the room that its command would write its mark to. */
export interface Kind {
  readonly name: string;
  /** Options and the word `run` or `build`. */
  readonly args: readonly string[];
  readonly room: Room;
}

/** A directory of the host that is mapped into the instance, writable by anybody. */
export interface Room {
  readonly path: string;
  readonly inside: string;
}

const MARK = "mark";

/** Did a command run? The mark is gone afterwards. */
export function takeMark({ path }: Room): boolean {
  const mark = join(path, MARK);
  const made = existsSync(mark);
  rmSync(mark, { force: true });
  return made;
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
  "find /missing 2>/dev/null | sort",
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

function makeMarkRoom(inside: string | null): Room {
  const path = makeRoom({ data: { file: "text" } });
  chmodSync(path, 0o777);
  copyFileSync(helper("state"), join(path, "state"));
  chmodSync(join(path, "state"), 0o755);
  return { path, inside: inside ?? path };
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
  /** Where its volume is inside, if not at its own path. */
  readonly inside: string | null;
}

/** The options of each kind, without its volume. */
const KINDS = {
  run: () => ({ args: ["run"], inside: null }),
  build: () => ({ args: ["build"], inside: null }),
  "--net none": () => ({ args: ["--net", "none", "run"], inside: null }),
  "--init": () => ({ args: ["--init", "run"], inside: null }),
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
    return { args, inside: null };
  },
} satisfies Record<string, () => Plan | Promise<Plan>>;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** A kind of launch with a room of its own. */
export async function makeKind(name: KindName): Promise<Kind> {
  const { args, inside } = await KINDS[name]();
  const room = makeMarkRoom(inside);
  return { name, args: ["-v", room.path, room.inside, ...args], room };
}

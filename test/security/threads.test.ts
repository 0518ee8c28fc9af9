/** Bun has threads that keep what they were born with, so nothing that changes ids or views may run under JavaScript. */

import { expect } from "bun:test";
import { join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { type Call, listCalls } from "./phases.ts";
import { attack, control, type Way } from "./ring.ts";

const NAME = new Map(
  Object.entries(SYSCALL).map(([name, number]) => [number as number, name]),
);

const nameOf = (call: Call) => NAME.get(call.number) ?? String(call.number);

/** Stage 0 launches every ordinary line, without Bun; not one with this word. */
const BUN = "--ulimit=core=0";
/** Bun starts its threads to compile what is called often, as what reads so many options. */
const MANY = Array.from({ length: 100 }, () => ["-e", "A", "1"]).flat();

/** Launches of different kinds, whose calls are looked at one by one. */
function launches(): readonly (readonly string[])[] {
  const room = makeRoom({ sub: {} });
  return [
    ["run", "true"],
    ["build", "true"],
    ["-m", room, "/srv/new/place", "-v", room, "/mnt", "run", "true"],
    [
      BUN,
      ...MANY,
      "-m",
      room,
      "/srv/new/place",
      "-v",
      room,
      "/mnt",
      "run",
      "true",
    ],
    [
      BUN,
      ...MANY,
      "-t",
      "size=1m",
      "/mnt",
      "--net",
      "none",
      "-C",
      "/usr",
      "run",
      "true",
    ],
  ];
}

async function everyCall(way: Way): Promise<readonly Call[]> {
  const all: Call[] = [];
  for (const args of launches()) {
    const calls = await listCalls(way, args);
    expect(calls.filter(({ who }) => who === "child").length).toBeGreaterThan(
      50,
    );
    expect(calls.some(({ who }) => who === "thread")).toBe(args[0] === BUN);
    all.push(...calls);
  }
  return all;
}

const isPrivileged = ({ ids, hasCapabilities }: Call) =>
  hasCapabilities || ids[1] === 0 || ids[3] === 0;

/** What changes a process's view of the system; only a child of its own may do so. */
const CHANGES_VIEW = new Set([
  "unshare",
  "setns",
  "mount",
  "umount2",
  "chroot",
  "pivot_root",
  "move_mount",
  "open_tree",
  "fsopen",
  "fsmount",
  "mount_setattr",
]);

attack(
  "A24",
  "no thread but the launcher's first ever has an effective right",
  async (way) => {
    const calls = await everyCall(way);
    expect(
      calls.filter((call) => call.who === "thread" && isPrivileged(call)),
    ).toEqual([]);
  },
);

attack(
  "A24",
  "the launcher's own calls with root's rights are few and known",
  async (way) => {
    for (const args of launches()) {
      const calls = await listCalls(way, args);
      const names = calls
        .filter((call) => call.who === "launcher" && isPrivileged(call))
        .map(nameOf);
      // Stage 0's, up to the change of ids; then the clone, before the change for good.
      expect(names).toEqual([
        "mmap",
        "getresuid",
        "getresgid",
        "prctl",
        "setresuid",
        "clone3",
        "setresuid",
      ]);
    }
  },
);

attack(
  "A24",
  "a path that the user can choose is never looked up with root's rights",
  async (way) => {
    const own = new Set([
      // The root of the child's namespace, before and after it is changed.
      "mount /",
      "move_mount /",
      "pivot_root . .",
      "umount2 .",
      // Names on a file system that this launch has just made, by its descriptor.
      "mkdirat directory",
      "mknodat file",
      "open_tree directory",
      "open_tree file",
      "mkdirat pts",
      "mkdirat shm",
      "move_mount pts",
      "mknodat null",
      "mknodat zero",
      "mknodat full",
      "mknodat random",
      "mknodat urandom",
      "mknodat tty",
      "mknodat console",
      "symlinkat /proc/self/fd fd",
      "symlinkat /proc/self/fd/0 stdin",
      "symlinkat /proc/self/fd/1 stdout",
      "symlinkat /proc/self/fd/2 stderr",
      "symlinkat pts/ptmx ptmx",
      "fchmodat .",
    ]);
    const named = (await everyCall(way))
      .filter(
        (call) => isPrivileged(call) && call.paths.some((path) => path !== ""),
      )
      .map((call) =>
        [nameOf(call), ...call.paths.filter((path) => path !== "")].join(" "),
      );
    expect(named.length).toBeGreaterThan(20);
    // A tile's entries are made anew by name, on the tile; so is a missing place, on
    // memory that this launch has made.
    expect(
      [...new Set(named)].filter(
        (text) =>
          !own.has(text) &&
          !/^(mkdirat|fchownat|mknodat|symlinkat|move_mount|open_tree) [^/]/.test(
            text,
          ),
      ),
    ).toEqual([]);
    const opens = named.filter((text) =>
      /^(open|openat|openat2|execve|chdir|stat|statx|readlink)/.test(text),
    );
    expect(opens.filter((text) => !text.startsWith("open_tree"))).toEqual([]);
  },
);

control(
  "A24",
  "after a raw change of ids, another thread of Bun's still reads a root file",
  async () => {
    const room = makeRoom({
      "main.ts": `
import { dlopen } from "bun:ffi";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
await readFile("/etc/hostname");
const { symbols } = dlopen("libc.so.6", { syscall: { args: ["i64", "i64", "i64", "i64"], returns: "i64" } });
symbols.syscall(117, -1, 1000, -1);
try { readFileSync("/etc/shadow"); console.log("sync read"); } catch { console.log("sync refused"); }
try { await readFile("/etc/shadow"); console.log("async read"); } catch { console.log("async refused"); }
process.kill(process.pid, "SIGKILL");
`,
    });
    const { stdout } = await runOutside(
      [process.execPath, join(room, "main.ts")],
      { user: 0 },
    );
    expect(stdout).toBe("sync refused\nasync read\n");
  },
);

attack(
  "A25",
  "launcher and threads change no namespace, mount or root",
  async (way) => {
    const calls = await everyCall(way);
    const outside = calls.filter(({ who }) => who !== "child").map(nameOf);
    expect(outside.filter((name) => CHANGES_VIEW.has(name))).toEqual([]);
    const inside = new Set(
      calls.filter(({ who }) => who === "child").map(nameOf),
    );
    expect(inside.has("mount_setattr")).toBe(true);
  },
);

attack(
  "A25",
  "between the clone and the end of the launch no other thread looks at a path",
  async (way) => {
    for (const args of launches()) {
      const calls = await listCalls(way, args);
      const from = calls.findIndex(({ who }) => who === "child");
      const to = calls.findLastIndex(({ who }) => who === "child");
      const between = calls
        .slice(from, to)
        .filter(({ who, paths }) => who !== "child" && paths.length > 0);
      expect(between).toEqual([]);
    }
  },
);

control(
  "A25",
  "in one process, two threads of Bun's see two mount namespaces",
  async () => {
    const room = makeRoom({
      file: "host",
      other: "namespace",
      "main.ts": `
import { dlopen, FFIType } from "bun:ffi";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
const at = (name: string) => new URL(name, import.meta.url).pathname;
await readFile(at("file"));
const { symbols } = dlopen("libc.so.6", {
  unshare: { args: ["i32"], returns: "i32" },
  mount: { args: ["cstring", "cstring", "cstring", "u64", "ptr"], returns: "i32" },
});
const text = (value: string) => Buffer.from(value + "\\0");
symbols.unshare(0x20000);
symbols.mount(text("none"), text("/"), text("none"), 0x44000, null);
symbols.mount(text(at("other")), text(at("file")), text("none"), 0x1000, null);
console.log(readFileSync(at("file"), "utf8"), await readFile(at("file"), "utf8"));
process.kill(process.pid, "SIGKILL");
`,
    });
    const { stdout } = await runOutside(
      [process.execPath, join(room, "main.ts")],
      { user: 0 },
    );
    expect(stdout).toBe("namespace host\n");
  },
);

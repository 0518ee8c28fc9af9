/** Behind the clone runs the Program alone: no JavaScript, no libc, no namespace made otherwise. */

import { expect } from "bun:test";
import { join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { type Call, listCalls, runPhases } from "./phases.ts";
import { attack, control, SOAK } from "./ring.ts";

const NAME = new Map(
  Object.entries(SYSCALL).map(([name, number]) => [number as number, name]),
);

const nameOf = (call: Call) => NAME.get(call.number) ?? String(call.number);

/** Launches of different kinds, whose calls are looked at one by one. */
function launches(): readonly (readonly string[])[] {
  const room = makeRoom({ sub: {} });
  return [
    ["run", "true"],
    ["build", "true"],
    ["-m", room, "/srv/new/place", "-v", room, "/mnt", "run", "true"],
    ["-t", "size=1m", "/mnt", "--net", "none", "-C", "/usr", "run", "true"],
  ];
}

const NEWPID = 0x20000000;

attack(
  "A26",
  "new pid and user namespaces come with the clone, by nothing else",
  async (way) => {
    for (const args of launches()) {
      const calls = await listCalls(way, args);
      const changes = calls.filter((call) =>
        ["unshare", "setns"].includes(nameOf(call)),
      );
      // With privilege the child enters its own mount namespace, for its root.
      expect(changes.map((call) => `${call.who}: ${nameOf(call)}`)).toEqual(
        way.name === "setuid" ? ["child: setns"] : [],
      );
      const clone = calls.findIndex(({ who }) => who === "child");
      expect(
        calls.slice(0, clone).findLast(({ who }) => who === "launcher")?.number,
      ).toBe(SYSCALL.clone3);
    }
    const inside = await way.sh("readlink /proc/self/ns/pid; echo $$");
    const outside = await runOutside(["/bin/readlink", "/proc/self/ns/pid"]);
    expect(inside).not.toContain(outside.stdout);
    expect(inside).toEndWith("\n1\n");
  },
);

control(
  "A26",
  "after unshare(CLONE_NEWPID) a Bun process cannot go on",
  async () => {
    const room = makeRoom({
      "main.ts": `
import { dlopen } from "bun:ffi";
import { readFile } from "node:fs/promises";
const { symbols } = dlopen("libc.so.6", { unshare: { args: ["i32"], returns: "i32" } });
console.log(symbols.unshare(${NEWPID}));
const work = new Worker("data:text/javascript,postMessage(1)");
await Promise.race([readFile("/etc/hostname"), Bun.sleep(3000)]);
await new Promise((resolve) => { work.onmessage = resolve; setTimeout(resolve, 3000); });
console.log("went on");
`,
    });
    const running = await runOutside(
      [process.execPath, join(room, "main.ts")],
      { user: 0, before: ["timeout", "-s", "KILL", "5"] },
    );
    expect(running.stdout).toStartWith("0\n");
    expect(running.status === 0 && running.stdout.includes("went on")).toBe(
      false,
    );
  },
);

attack(
  "A27",
  "the child makes the printed Program's calls and no others",
  async (way) => {
    for (const args of launches()) {
      const printed = await way.run(["--dry-run=steps", ...args]);
      const program = new Set(
        [
          ...printed.stdout.matchAll(/^ *[0-9]+ +(?:.+? = )?([a-z0-9_]+)\(/gm),
        ].map((match) => match[1]!),
      );
      const calls = await listCalls(way, args);
      const made = new Set(
        calls.filter(({ who }) => who === "child").map(nameOf),
      );
      expect([...made].filter((name) => !program.has(name))).toEqual([]);
      // JavaScript and libc cannot live without these.
      for (const name of ["futex", "mmap", "madvise", "brk", "munmap"])
        expect(made.has(name)).toBe(false);
    }
  },
);

attack(
  "A27",
  "a child that crashes is a failure of selfdock's, not the command's",
  async (way) => {
    const { calls } = await runPhases(way, "list", ["run", "true"]);
    const step = SOAK ? 1 : Math.ceil(calls.child / 12);
    for (let call = 0; call < calls.child - 1; call += step) {
      const { result, executed } = await runPhases(way, `crash:${call}:0`, [
        "run",
        "true",
      ]);
      expect({ call, executed, status: result.status }).toEqual({
        call,
        executed: false,
        status: 124,
      });
      expect(result.stderr).toStartWith("selfdock: ");
    }
  },
);

control(
  "A27",
  "a forked child of Bun's dies at its first JavaScript",
  async () => {
    const room = makeRoom({
      "main.ts": `
import { dlopen, ptr } from "bun:ffi";
const { symbols } = dlopen("libc.so.6", {
  fork: { args: [], returns: "i32" }, _exit: { args: ["i32"], returns: "void" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
});
const pid = symbols.fork();
if (pid === 0) symbols._exit(7);
const status = new Int32Array(1);
symbols.waitpid(pid, ptr(status), 0);
console.log(status[0]! & 127);
`,
    });
    const { stdout } = await runOutside(
      [process.execPath, join(room, "main.ts")],
      { user: 0 },
    );
    expect(stdout).toBe("11\n");
  },
);

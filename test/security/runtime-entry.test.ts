/** Bun as a setuid runtime: what a caller hands over at the start does nothing. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { entry, makeRoom } from "../harness/room.ts";
import { type Result, runOutside, start } from "../harness/run.ts";
import { waitUntil } from "../harness/processes.ts";
import { makeMarkLibrary } from "./programs.ts";
import { attack, control, type Way } from "./ring.ts";
import { KEY_GROUP, withUnprotected } from "./unprotected.ts";
import {
  LIBRARIES,
  LINKER,
  RUNTIME,
  type Variable,
} from "./variables.table.ts";

const SIGNALS = ["SEGV", "ABRT", "BUS", "ILL", "FPE", "TRAP", "SYS"] as const;
const BASE = ["PATH=/usr/bin:/bin"];
/** Nobody but we may start the stand-in. */
const KEY = { groups: [KEY_GROUP] };

/** A room of the caller's whose files leave a mark when anything runs them. */
function markRoom(): string {
  const room = makeRoom({ bin: {} });
  const mark = join(room, "mark");
  const script = entry({
    text: `#!/bin/bash -p\nid -u >> ${mark}\n`,
    mode: 0o755,
  });
  const tree = makeRoom({
    "mark.js": `require("node:fs").appendFileSync("${mark}", process.geteuid() + "\\n");`,
    "mark.sh": script,
    "b.toml": `preload = ["${room}/mark.js"]\n`,
    curl: script,
  });
  for (const name of ["mark.js", "mark.sh", "b.toml"])
    Bun.spawnSync(["cp", "-p", join(tree, name), room]);
  Bun.spawnSync(["cp", "-p", join(tree, "curl"), join(room, "bin")]);
  makeMarkLibrary(join(room, "mark.so"), mark);
  return room;
}

function crashEnvironment(room: string): readonly string[] {
  return [`PATH=${room}/bin:/usr/bin:/bin`, "BUN_ENABLE_CRASH_REPORTING=1"];
}

function placed([name, value]: Variable, room: string): string {
  return `${name}=${value.replaceAll("ROOM", room)}`;
}

/** What the caller saw of a run. */
function seen({ status, signal, stdout, stderr }: Result): unknown {
  return { status, signal, stdout, stderr };
}

attack(
  "A01",
  "a crash in any phase starts nothing of the caller's",
  async (way) => {
    const room = markRoom();
    const crash = async (signal: (typeof SIGNALS)[number], delay: number) => {
      const running = way.start(["run", "sleep", "0.3"], {
        env: crashEnvironment(room),
      });
      await Bun.sleep(delay);
      running.kill(`SIG${signal}`);
      return (await running.ended).status !== 0;
    };
    let crashes = 0;
    for (const signal of SIGNALS) {
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, index) => crash(signal, 2 * index)),
      );
      crashes += all.filter(Boolean).length;
    }
    await Bun.sleep(200);
    expect(existsSync(join(room, "mark"))).toBe(false);
    expect(crashes).toBeGreaterThan(SIGNALS.length);
  },
);

control(
  "A01",
  "a bare setuid runtime runs the caller's curl as root",
  async () => {
    const room = markRoom();
    await withUnprotected(async (program) => {
      const running = start([program, "wait"], {
        env: crashEnvironment(room),
        ...KEY,
      });
      await waitUntil("it has started", () =>
        running.stdout().includes("started 0"),
      );
      running.kill("SIGSEGV");
      await running.ended;
      const mark = join(room, "mark");
      await waitUntil(
        "curl has run as root",
        () => existsSync(mark) && /^0$/m.test(readFileSync(mark, "utf8")),
      );
    });
  },
);

/** Three runs that show help, an error, and an instance. */
const RUNS = [
  ["--help"],
  ["--map", "/no/such", "/mnt", "run", "true"],
  ["run", "id", "-u"],
];

async function sweep(way: Way, variables: readonly Variable[]): Promise<void> {
  const room = markRoom();
  const before = readdirSync(room).toSorted();
  const plain = await Promise.all(
    RUNS.map((args) => way.run(args, { env: BASE })),
  );
  for (const variable of variables) {
    const assignment = placed(variable, room);
    for (const [index, args] of RUNS.entries()) {
      // The linker's own are obeyed by the command: only what selfdock does counts.
      if (variables === LINKER && args[0] === "run") continue;
      const result = await way.run(args, { env: [...BASE, assignment] });
      expect({ assignment, ...(seen(result) as object) }).toEqual({
        assignment,
        ...(seen(plain[index]!) as object),
      });
    }
  }
  expect(readdirSync(room).toSorted()).toEqual(before);
}

async function handOn(way: Way, variables: readonly Variable[]): Promise<void> {
  const list = [
    ...BASE,
    ...variables.map((variable) => placed(variable, "/nowhere")),
  ];
  // A static program, so that no linker says anything about them.
  const busybox = Bun.which("busybox")!;
  const { stdoutBytes } = await way.run(
    ["run", busybox, "xargs", "-0", "-n1", busybox, "echo"],
    { env: list, stdin: "x\0" },
  );
  expect(stdoutBytes.toString()).toBe("x\n");
  const told = await way.run(["run", busybox, "cat", "/proc/self/environ"], {
    env: list,
  });
  // Its own libc may cut its variables up: the control is the same run outside.
  const outside = await runOutside([busybox, "cat", "/proc/self/environ"], {
    env: list,
  });
  expect(told.stdout.split("\0")).toEqual(outside.stdout.split("\0"));
  expect(told.stdout.split("\0").length).toBeGreaterThan(list.length);
}

attack(
  "A02",
  "help, errors and instances are the same with any variable",
  (way) => sweep(way, [...RUNTIME, ...LIBRARIES]),
);

attack("A02", "the command gets every one of them as it was", (way) =>
  handOn(way, [...RUNTIME, ...LIBRARIES]),
);

control("A02", "a bare setuid runtime obeys them as root", async () => {
  const room = markRoom();
  await withUnprotected(async (program) => {
    const env = (assignment: string) => ({
      env: [...BASE, assignment],
      ...KEY,
    });
    await runOutside(
      [program, "-e", `require("${room}/mark.js")`],
      env("BUN_BE_BUN=1"),
    );
    expect(readFileSync(join(room, "mark"), "utf8")).toBe("0\n");
    rmSync(join(room, "mark"));
    await runOutside([program], env(`BUN_OPTIONS=--preload=${room}/mark.js`));
    expect(readFileSync(join(room, "mark"), "utf8")).toBe("0\n");
    const quiet = await runOutside([program], env("X=1"));
    for (const assignment of ["BUN_JSC_dumpOptions=2", "MIMALLOC_VERBOSE=1"]) {
      const loud = await runOutside([program], env(assignment));
      expect(loud.stderr.length + loud.stdout.length).toBeGreaterThan(
        quiet.stderr.length + quiet.stdout.length,
      );
    }
  });
});

attack("A03", "the linker's variables do nothing to selfdock", async (way) => {
  await sweep(way, LINKER);
  const room = markRoom();
  const all = LINKER.map((variable) => placed(variable, room));
  const big = `Z=${"1".repeat(8192)}`;
  const options = { env: [...BASE, ...all, big] };
  expect((await way.run(["--help"], options)).stdout).toBe(
    (await way.run(["--help"], { env: BASE })).stdout,
  );
  expect(existsSync(join(room, "mark"))).toBe(false);
});

attack(
  "A03",
  "the command gets them, and they act on it alone, as the user",
  async (way) => {
    await handOn(way, LINKER);
    const room = markRoom();
    const options = { env: [...BASE, `LD_PRELOAD=${room}/mark.so`] };
    await way.run(["-v", room, room, "run", "/bin/true"], options);
    expect(readFileSync(join(room, "mark"), "utf8")).toBe("1000 true\n");
  },
);

control("A03", "a plain program obeys them", async () => {
  const room = markRoom();
  const options = { env: [...BASE, `LD_PRELOAD=${room}/mark.so`] };
  await runOutside(["/bin/true"], options);
  expect(readFileSync(join(room, "mark"), "utf8")).toBe("1000 true\n");
});

const NAMES = [
  "",
  "bun",
  "bunx",
  "node",
  "-e",
  "--version",
  "--inspect",
  "--help",
  "--preload=/etc/shadow",
  "/etc/shadow",
  "./",
  "su",
  "\n",
  "\u001b]0;x\u0007",
];

attack(
  "A04",
  "argv[0] chooses nothing and is shown in no message",
  async (way) => {
    const plain = [
      await way.run(["run", "echo", "ran"]),
      await way.run(["--map", "/no/such", "/mnt", "run", "true"]),
    ];
    expect(plain[0]!.stdout).toBe("ran\n");
    for (const argv0 of NAMES) {
      const both = [
        await way.run(["run", "echo", "ran"], { argv0 }),
        await way.run(["--map", "/no/such", "/mnt", "run", "true"], { argv0 }),
      ];
      expect({ argv0, runs: both.map(seen) }).toEqual({
        argv0,
        runs: plain.map(seen),
      });
    }
  },
);

attack(
  "A04",
  "words that Bun would take are words of selfdock's",
  async (way) => {
    for (const word of [
      "--inspect",
      "--preload=/etc/shadow",
      "-e",
      "--cwd=/",
      "--env-file=/etc/shadow",
      "--config=/etc/shadow",
    ]) {
      const result = await way.run([word, "run", "echo", "ran"]);
      expect(result.stderr).toStartWith("selfdock: ");
      expect(result.stdout).toBe("");
      expect(result.status).toBe(124);
      const inside = await way.run(["run", "printf", "<%s>", word, "1"]);
      expect(inside.stdout).toBe(`<${word}><1>`);
    }
  },
);

attack(
  "A04",
  "an empty argument list is an error of the command line",
  async (way) => {
    const result = await way.run([], { noArguments: true });
    expect(result).toMatchObject({ status: 124, signal: null, stdout: "" });
    expect(result.stderr).toStartWith("selfdock: ");
  },
);

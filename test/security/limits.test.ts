/** Limits squeezed: an instance is whole or none. */

import { expect } from "bun:test";
import { join } from "node:path";
import { cgroupOf } from "../harness/cgroup.ts";
import { waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside, type Result } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attack, control, SOAK, type Way } from "./ring.ts";

/** By the shell alone: under a limit on the stack no other program runs, in an instance or not. */
const WHOLE = [
  'count() { n=0; while read -r line; do case "$line" in $1) n=$((n + 1));; esac; done < /proc/self/mounts; echo $n; }',
  'for d in /mnt /tmp /proc /dev; do count "* $d *"; done',
  'count "* /mnt *nosuid*"',
  'while read -r line; do case "$line" in CapBnd*) echo "$line";; esac; done < /proc/self/status',
  "set -- /proc/self/fd/*",
  "echo $# WHOLE",
].join("; ");

/** With too many processes of the user's, the kernel itself does not execute selfdock. */
function notExecuted(error: Error): { status: number; stdout: string } {
  if (!error.message.includes("temporarily unavailable")) throw error;
  return { status: 125, stdout: "" };
}

/** Under a limit, an instance is the whole one or none. */
async function wholeOrNone(
  way: Way,
  limits: StartOptions["limits"],
  whole: string,
): Promise<boolean> {
  const args = ["-m", "/etc", "/mnt", "run", "sh", "-c", WHOLE];
  const result = await way.run(args, { limits: limits! }).catch(notExecuted);
  if (result.stdout.includes("WHOLE"))
    expect({ limits, out: result.stdout }).toEqual({ limits, out: whole });
  else expect(result.status === 0).toBe(false);
  return result.stdout.includes("WHOLE");
}

async function sweepLimits(
  way: Way,
  limits: readonly NonNullable<StartOptions["limits"]>[number][],
): Promise<readonly boolean[]> {
  const whole = await way.sh(WHOLE, { args: ["-m", "/etc", "/mnt"] });
  expect(whole).toContain("CapBnd:\t0000000000000000");
  const all: boolean[] = [];
  for (const limit of limits) all.push(await wholeOrNone(way, [limit], whole));
  return all;
}

attack(
  "A08",
  "with 0 to 32 descriptors an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(
      way,
      Array.from({ length: 33 }, (_, count) => [7, count, count] as const),
    );
    expect(made[0]).toBe(false);
    expect(made.at(-1)).toBe(true);
  },
);

attack(
  "A08",
  "where a descriptor is missing in the middle, the message is selfdock's",
  async (way) => {
    for (let count = 8; count < 24; count++) {
      const result = await way.run(["-m", "/etc", "/mnt", "run", "true"], {
        limits: [[7, count, count]],
      });
      if (result.status === 0) continue;
      expect({ count, status: result.status }).toEqual({ count, status: 124 });
      expect(result.stderr).toStartWith("selfdock: ");
      expect(result.stderr).not.toContain("at <anonymous>");
    }
  },
);

attack(
  "A09",
  "under limits on memory, stack, files and processes an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(way, [
      [9, 2e8, 2e8],
      [9, 1e9, 1e9],
      [9, 5e9, 5e9],
      [2, 1e6, 1e6],
      [2, 5e7, 5e7],
      [2, 1e9, 1e9],
      [3, 8192, 8192],
      [3, 65536, 65536],
      [3, 262144, 262144],
      [1, 0, 0],
      [1, 4096, 4096],
      [6, 0, 0],
      [6, 1, 1],
      [6, 2, 2],
      [8, 0, 0],
      [0, 1, 1],
      [4, 0, 0],
      [11, 0, 0],
      [12, 0, 0],
      [13, 0, 0],
    ]);
    expect(made.some(Boolean)).toBe(true);
  },
);

/** Lines of every kind that Bun must start for, whatever else becomes of them. */
const BUN_LINES = [
  ["--ulimit", "core=0", "run", "true"],
  [
    "-v",
    "/etc",
    "/missing/place",
    "--ulimit",
    "core=0",
    "--init",
    "run",
    "true",
  ],
  ["--as-root", "build", "true"],
  ["--map", "/missing", "/mnt", "run", "true"],
  ["help", "man"],
  ["ps"],
] as const;

/** A user of whom nobody else has a process: the kernel counts all of them. */
const ALONE = 2_000_000 + (process.pid % 1_000_000);

/** Lines that stage 0 plays without Bun, as long as nothing fails. */
const PLAIN_LINES = [
  ["run", "true"],
  ["--init", "run", "true"],
  ["-v", "/etc", "/missing/place", "--net", "none", "build", "true"],
] as const;

/** A limit with each of its values, and how it is set. */
interface Squeeze {
  readonly values: readonly number[];
  readonly options: (value: number) => StartOptions;
  readonly lines?: typeof BUN_LINES | typeof PLAIN_LINES;
}

/** Under each value of a limit selfdock runs, or says that it cannot: Bun itself says nothing. */
async function saysItself(
  way: Way,
  { values, options, lines = BUN_LINES }: Squeeze,
): Promise<readonly boolean[]> {
  const works: boolean[] = [];
  for (const [index, value] of values.entries()) {
    const [first, ...others] = lines;
    for (const args of [first, others[index % others.length]!]) {
      const result = await way
        .run(args, { user: ALONE, ...options(value) })
        .catch(notExecuted);
      const { status, stderr = "" } = result as Partial<Result>;
      if (status === 125) continue;
      const told = { way: way.name, value, args, status, stderr };
      expect([0, 124], JSON.stringify(told)).toContain(status!);
      if (status === 124) expect(stderr).toMatch(/^selfdock: Cannot [^\n]*\n/m);
      expect(stderr).not.toContain("Bun");
      if (args === first) works.push(status === 0);
    }
  }
  return works;
}

/** By the kernel's number, for soft and hard. */
const limitOf =
  (resource: number): Squeeze["options"] =>
  (value) => ({ limits: [[resource, value, value]] });

attack(
  "A09",
  "with 0 to 40 processes Bun runs, or selfdock says why not",
  async (way) => {
    const counts = SOAK
      ? Array.from({ length: 41 }, (_, count) => count)
      : [0, 1, 2, 4, 5, 6, 7, 8, 12, 15, 16, 17, 18, 20, 40];
    const works = await saysItself(way, {
      values: counts,
      options: limitOf(6),
    });
    expect([works[0], works.at(-1)]).toEqual([false, true]);
  },
);

attack(
  "A09",
  "who has as many processes as they may gets no instance",
  async (way) => {
    const user = ALONE;
    const waiting = ["run", "sh", "-c", "echo up; exec sleep 60"];
    const other = way.start(waiting, { user });
    await waitUntil("the first runs", () => other.stdout() === "up\n");
    const made: boolean[] = [];
    for (const count of [2, 40]) {
      const limits = [[6, count, count]] as const;
      const result = await way
        .run(["run", "true"], { user, limits })
        .catch(notExecuted);
      made.push(result.status === 0);
    }
    expect(made).toEqual([false, true]);
    other.kill("SIGTERM");
    await other.ended;
  },
);

attack(
  "A09",
  "in a cgroup of 1 to 30 processes an instance is made, or selfdock says why not",
  async (way) => {
    const values = SOAK
      ? Array.from({ length: 30 }, (_, index) => index + 1)
      : [1, 2, 3, 4, 5, 6, 8, 12, 16, 17, 18, 20, 30];
    // The program of the rootless way, which root starts in a way of his own.
    const users = way.name === "rootless" ? [ALONE, 0] : [ALONE];
    for (const user of users) {
      const options = (value: number) => ({ user, before: cgroupOf(value) });
      const byBun = await saysItself(way, { values, options });
      const lines = PLAIN_LINES;
      const plain = await saysItself(way, { values, options, lines });
      // The launcher and the instance; the launcher, and the room that stage 0 wants for Bun.
      const needed = { plain: 2, byBun: way.name === "baked" ? 2 : 17 };
      expect(plain).toEqual(values.map((value) => value >= needed.plain));
      expect(byBun).toEqual(values.map((value) => value >= needed.byBun));
    }
  },
);

attack(
  "A08",
  "with 0 to 30 descriptors Bun runs, or selfdock says why not",
  async (way) => {
    const counts = Array.from({ length: SOAK ? 31 : 16 }, (_, index) =>
      SOAK ? index : 2 * index,
    );
    const works = await saysItself(way, {
      values: counts,
      options: limitOf(7),
    });
    expect([works[0], works.at(-1)]).toEqual([false, true]);
  },
);

attack(
  "A09",
  "with little memory Bun runs, or selfdock says why not",
  async (way) => {
    const mebibyte = 2 ** 20;
    for (const resource of [2, 9]) {
      const sizes = [256, 1024, 3071, 3072, 4096, 16_384];
      const works = await saysItself(way, {
        values: sizes.map((size) => size * mebibyte),
        options: limitOf(resource),
      });
      expect(works).toEqual([false, false, false, true, true, true]);
    }
    const stacks = [64, 200, 256, 300, 512].map((size) => size * 1024);
    expect(
      await saysItself(way, { values: stacks, options: limitOf(3) }),
    ).toEqual([false, false, true, true, true]);
  },
);

control("A09", "Bun aborts where it may start no thread", async () => {
  const main = join(makeRoom({ "main.ts": "Bun.gc(true);" }), "main.ts");
  for (const options of [
    { limits: [[6, 1, 1]] as const },
    { before: cgroupOf(1) },
  ]) {
    const result = await runOutside([process.execPath, main], {
      user: ALONE + 1,
      ...options,
    });
    expect(result.stderr).toContain("panic");
  }
});

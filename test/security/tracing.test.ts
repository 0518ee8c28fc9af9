/** No process of selfdock's is open to its user while any privilege is left. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { descendants, waitUntil } from "../harness/processes.ts";
import { runOutside, start } from "../harness/run.ts";
import { BOUNDS, reportAttempts } from "./attempts.ts";
import { runPhases } from "./phases.ts";
import { attacker } from "./programs.ts";
import { attack, control, SOAK, type Way } from "./ring.ts";
import { withSuidDumpable } from "./suid-dumpable.ts";

/** What was reached while it, or its launcher, had a user id of 0; and all that was. */
async function reachEveryPhase(way: Way, args: readonly string[]) {
  const { lines, result, executed } = await runPhases(way, "reach", args);
  expect(result.status).toBe(0);
  expect(executed).toBe(true);
  const hasRoot = (ids: string) => ids.trim().split(" ").includes("0");
  const open = lines.filter((line) => line.at(-1) !== "");
  return {
    stderr: result.stderr,
    map: result.stdout.trim().split(/\s+/).at(-1),
    open: open.length,
    privileged: lines.filter(
      ([, , own, launcher]) => hasRoot(own!) || hasRoot(launcher!),
    ).length,
    breaches: open
      .filter(([, , own, launcher]) => hasRoot(own!) || hasRoot(launcher!))
      .map((line) => line.join(" ")),
  };
}

const SHOW_MAP = ["run", "cat", "/proc/self/uid_map"];

attack(
  "A53",
  "at no call of launcher and child can its user read, trace or enter it",
  async (way) => {
    const room = makeRoom();
    for (const args of [
      SHOW_MAP,
      ["-m", room, "/srv/new", "-t", "", "/mnt", "--net", "none", ...SHOW_MAP],
      ["build", "cat", "/proc/self/uid_map"],
    ]) {
      const seen = await reachEveryPhase(way, args);
      expect(seen.breaches).toEqual([]);
      expect(seen.map).toBe("4294967295");
      expect(seen.privileged).toBeGreaterThan(200);
      // The control: behind the last privilege the same tries succeed.
      expect(seen.open).toBeGreaterThan(5);
    }
  },
);

interface Seizing {
  readonly attempts: number;
  readonly privileged: number;
  readonly reached: number;
  readonly breaches: number;
}

interface Bounds {
  readonly seconds: number;
  readonly most: number;
  /** Microseconds from the start within which it is stopped. */
  readonly within: number;
}

async function seize(
  command: readonly string[],
  { seconds, most, within }: Bounds,
): Promise<Seizing> {
  const numbers = [seconds, most, within].map(String);
  const words = [attacker("seize"), ...numbers, ...command];
  const { stdout } = await runOutside(words, { timeout: seconds + 30 });
  expect(stdout).not.toContain("breach:");
  const counts =
    /^attempts (\d+) privileged (\d+) reached (\d+) breaches (\d+)$/m.exec(
      stdout,
    )!;
  const [attempts, privileged, reached, breaches] = counts.slice(1).map(Number);
  return {
    attempts: attempts!,
    privileged: privileged!,
    reached: reached!,
    breaches: breaches!,
  };
}

/** A launch by stage 0, and one by Bun: how long each takes, microseconds. */
const LAUNCHES = [
  { name: "stage 0", words: ["run"], within: 2_500 },
  { name: "Bun", words: ["--net", "host", "run"], within: 25_000 },
] as const;

/** On a busy machine all of a round's moments may lie before the last privilege: how many rounds there are at most. */
const MOST_ROUNDS = 8;

async function seizeWithout(way: Way, race: string) {
  const all = { attempts: 0, privileged: 0 };
  for (const { name, words, within } of LAUNCHES) {
    const seen = { attempts: 0, privileged: 0, reached: 0, breaches: 0 };
    const command = [way.program(), ...words, "/bin/sleep", "9"];
    const bounds = { ...BOUNDS, seconds: BOUNDS.seconds / 2, within };
    for (let round = 0; round < MOST_ROUNDS && seen.reached === 0; round++) {
      const one = await seize(command, bounds);
      for (const key of Object.keys(seen) as (keyof Seizing)[])
        seen[key] += one[key];
    }
    reportAttempts(`${race}, by ${name}`, way.name, {
      attempts: seen.attempts,
      won: seen.breaches,
    });
    expect(seen.breaches).toBe(0);
    expect(seen.reached).toBeGreaterThan(0);
    expect(seen.attempts).toBeGreaterThan(SOAK ? 9_999 : 20);
    all.attempts += seen.attempts;
    all.privileged += seen.privileged;
  }
  return all;
}

attack("A53", "stopped at a random moment, it is not seized", async (way) => {
  const seen = await seizeWithout(way, "A53 stop, then trace or read");
  expect(seen.privileged).toBeGreaterThan(seen.attempts / 4);
});

control("A53", "a process of the user's own is seized each time", async () => {
  const seen = await seize(["/bin/sleep", "9"], {
    seconds: 2,
    most: 20,
    within: 25_000,
  });
  reportAttempts("A53 stop, then trace or read", "own process", {
    attempts: seen.attempts,
    won: seen.reached,
  });
  expect(seen.reached).toBe(seen.attempts);
});

for (const value of [0, 1, 2] as const) {
  attack(
    "A71",
    `with fs.suid_dumpable at ${value} no phase with privilege is open`,
    (way) =>
      withSuidDumpable(value, async () => {
        const seen = await reachEveryPhase(way, SHOW_MAP);
        expect(seen.breaches).toEqual([]);
        if (value === 1) expect(seen.stderr).toContain("fs.suid_dumpable");
        else expect(seen.stderr).toBe("");
        // At 1 root is given up at once, and the instance is a rootless one.
        expect(seen.map).toBe(value === 1 ? "1" : "4294967295");
        expect(seen.privileged).toBeGreaterThan(0);
        await seizeWithout(way, `A71 the same, fs.suid_dumpable=${value}`);
      }),
  );
}

attack(
  "A71",
  "at 1, where nothing but root would do, the message names the switch",
  (way) =>
    withSuidDumpable(1, async () => {
      const forbid = "by a filter, as container engines do";
      const result = await way.run(["run", "true"], { forbid });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain("fs.suid_dumpable");
    }),
);

control(
  "A71",
  "at 1 the child of a stand-in that borrows its memory is seized",
  async () => {
    const tries = async () => {
      const running = start([attacker("shared")], { user: 0 });
      let child = 0;
      await waitUntil("the child has given up its ids", () => {
        child = descendants(running.pid)[0] ?? 0;
        return (
          child !== 0 &&
          readFileSync(`/proc/${child}/status`, "utf8").includes(
            "Uid:\t1000\t1000\t1000\t1000",
          )
        );
      });
      const read = await runOutside([
        "/bin/dd",
        `if=/proc/${child}/environ`,
        "bs=1",
        "count=1",
        "of=/dev/null",
      ]);
      await running.ended;
      return read.status;
    };
    expect(await tries()).not.toBe(0);
    await withSuidDumpable(1, async () => expect(await tries()).toBe(0));
  },
);

const UNLIMITED: readonly [number, number, number] = [4, 1 << 30, 1 << 30];

for (const value of [0, 2] as const) {
  attack(
    "A54",
    `a crash leaves no core in the user's directory, fs.suid_dumpable at ${value}`,
    (way) =>
      withSuidDumpable(value, async () => {
        const room = makeRoom();
        await Promise.all(
          Array.from({ length: 40 }, async (_, index) => {
            const running = way.start(["run", "sleep", "0.2"], {
              cwd: room,
              limits: [UNLIMITED],
            });
            await Bun.sleep(index);
            running.kill(index % 2 === 0 ? "SIGSEGV" : "SIGABRT");
            await running.ended;
          }),
        );
        expect(readdirSync(room)).toEqual([]);
        expect(
          readdirSync("/").filter((name) => name.startsWith("core")),
        ).toEqual([]);
      }),
  );
}

attack(
  "A54",
  "the child crashes at every tenth of its calls: no core, and status 124",
  async (way) => {
    const room = makeRoom();
    const options = { cwd: room, limits: [UNLIMITED] };
    const { calls } = await runPhases(way, "list", ["run", "true"], options);
    for (
      let call = 0;
      call < calls.child;
      call += Math.ceil(calls.child / 10)
    ) {
      const { result, executed } = await runPhases(
        way,
        `crash:${call}:0`,
        ["run", "true"],
        options,
      );
      expect({
        call,
        executed,
        status: result.status,
        stdout: result.stdout,
      }).toEqual({ call, executed: false, status: 124, stdout: "" });
    }
    expect(readdirSync(room)).toEqual([]);
  },
);

control("A54", "a program of the user's own leaves one", async () => {
  const room = makeRoom();
  await runOutside(["/bin/sh", "-c", "kill -SEGV $$"], {
    cwd: room,
    limits: [UNLIMITED],
  });
  expect(
    readdirSync(room).length + Number(existsSync(join(room, "core"))),
  ).toBeGreaterThan(0);
});

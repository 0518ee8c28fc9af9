/** `batch` makes more instances than commands may run at once: those wait for a turn. */

import { expect } from "bun:test";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseResults } from "../harness/batch-results.ts";
import { forEachMode } from "../harness/modes.ts";
import {
  commandLine,
  descendants,
  processesWith,
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { start } from "../harness/run.ts";

const FAILED = 123;
const CANNOT = 124;
/** Enough for a batch to see that its commands are brief. */
const BRIEF = "true\n".repeat(40);
/** Whatever is made last waits: these, or what is brief. */
const WAITING = "echo third\necho fourth\n";
const ATTEMPTS = 20;

/** The processes that wait for their turn, each in an instance, and their spawners. */
function waiting(batch: number): readonly number[] {
  return descendants(batch).filter((pid) => {
    const inside = statusField(pid, "NSpid")?.split("\t").length === 2;
    return inside && commandLine(pid).startsWith("selfdock-spawn");
  });
}

forEachMode((mode) => {
  /** A batch of two at once, both of which sleep so long, while two instances stand and wait. */
  const startWaiting = async (
    seconds: string,
    words: readonly string[] = [],
  ) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sleeps = `sleep ${seconds}\n`.repeat(2);
      const running = mode.start(["batch", "-j", "2", ...words], {
        stdin: `${BRIEF}${sleeps}${WAITING}`,
      });
      const asleep = () => processesWith(`sleep ${seconds}`);
      await waitUntil("two run", () => asleep().length === 2);
      // Beside much else what is brief takes long, and nothing is made ahead.
      const stands = () => waiting(running.pid).length === 2;
      const ahead = await waitUntil("two wait", stands, 1).then(
        () => true,
        () => false,
      );
      if (ahead) return { running, asleep };
      running.kill("SIGKILL");
      await running.ended;
    }
    throw new Error(`in ${ATTEMPTS} attempts no instance was made ahead`);
  };

  mode.rule("never more commands run at once than -j says", async () => {
    const room = makeRoom({ now: {} });
    chmodSync(join(room, "now"), 0o777);
    const now = join(room, "now");
    const script = `mkdir ${now}/$0; ls ${now} | wc -l; rmdir ${now}/$0`;
    const lines = Array.from(
      { length: 90 },
      (_, at) => `sh -c '${script}' ${at}\n`,
    );
    const words = ["-v", now, now, "batch", "-j", "3"];
    const result = await mode.run(words, { stdin: lines.join("") });
    const counts = result.stdout.trim().split("\n").map(Number);
    expect(result.stderr).toContain("90 commands, 0 failed");
    expect(counts.length).toBe(90);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
    expect(readdirSync(now)).toEqual([]);
  });

  mode.rule(
    "who waits has not begun, is in no list, and begins in time",
    async () => {
      const { running, asleep } = await startWaiting("64.25");
      const listed = await mode.run(["ps", "--json"]);
      const instances = JSON.parse(listed.stdout) as readonly { pid: number }[];
      const own = descendants(running.pid);
      expect(instances.filter(({ pid }) => own.includes(pid)).length).toBe(2);
      const still = waiting(running.pid);
      expect(still.length).toBe(2);
      await Bun.sleep(300);
      expect(waiting(running.pid)).toEqual(still);
      for (const pid of asleep()) process.kill(pid, "SIGKILL");
      const result = await running.ended;
      expect(result.stdout.split("\n").toSorted()).toEqual([
        "",
        "fourth",
        "third",
      ]);
      expect(result.stderr).toContain("44 commands, 2 failed");
    },
  );

  mode.rule(
    "the turn of a spawner that is killed goes to the next",
    async () => {
      const { running, asleep } = await startWaiting("64.5");
      for (const pid of asleep())
        process.kill(Number(statusField(pid, "PPid")), "SIGKILL");
      const result = await running.ended;
      expect(result).toMatchObject({ status: FAILED });
      expect(result.stdout.split("\n").toSorted()).toEqual([
        "",
        "fourth",
        "third",
      ]);
      expect(result.stderr.match(/its spawner was killed/g)?.length).toBe(2);
    },
  );

  for (const signal of ["SIGTERM", "SIGKILL"] as const)
    mode.rule(`${signal} ends those that wait, too`, async () => {
      const { running } = await startWaiting("64.75");
      const family = descendants(running.pid);
      running.kill(signal);
      const result = await running.ended;
      expect(result).toMatchObject({ status: null, signal });
      await waitUntil("all have ended", () => !family.some(processIsAlive));
    });

  mode.rule("the time that a command waits is none of its own", async () => {
    const { running, asleep } = await startWaiting("65.25", ["--json"]);
    await Bun.sleep(2500);
    for (const pid of asleep()) process.kill(pid, "SIGKILL");
    const results = parseResults((await running.ended).stdout);
    for (const { line, launchMs, timeMs } of results)
      if (line > 42) expect(launchMs! + timeMs!).toBeLessThan(2500);
  });

  mode.rule(
    "with few descriptors fewer run at once, or none and it says so once",
    async () => {
      const lines = Array.from({ length: 40 }, (_, at) => `echo ${at}\n`);
      const run = (limit: number, jobs: number) => {
        const script = `ulimit -n ${limit}; exec "$0" batch -j ${jobs}`;
        const line = ["/bin/sh", "-c", script, mode.program()];
        return start(line, { stdin: lines.join("") }).ended;
      };
      let ran = 0;
      for (let limit = 12; limit < 76; limit += 4) {
        const { status, stdout, stderr } = await run(
          limit,
          1 + (limit % 3) * 4,
        );
        const told = stderr.match(/Cannot /g)?.length ?? 0;
        if (status === CANNOT) {
          expect({ limit, stdout, told }).toEqual({
            limit,
            stdout: "",
            told: 1,
          });
          continue;
        }
        ran += 1;
        const outputs = stdout.split("\n").filter((each) => each !== "");
        expect({ limit, status, told, stderr }).toMatchObject({
          status: 0,
          told: 0,
        });
        expect(new Set(outputs).size).toBe(lines.length);
        expect(outputs.length).toBe(lines.length);
      }
      expect(ran).toBeGreaterThan(4);
    },
  );
});

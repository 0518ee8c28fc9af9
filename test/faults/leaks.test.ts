/** What starts and ends leaves nothing in the kernel; many at once are their user's own affair. */

import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { forEachMode, type Mode } from "../harness/modes.ts";
import { runOutside } from "../harness/run.ts";
import { leavesNothing } from "./host-state.ts";
import { faultProgram } from "./programs.ts";
import { SOAK } from "./soak.ts";
import { newUser } from "./users.ts";

const TURNS = SOAK ? 20_000 : 200;
const AT_ONCE = SOAK ? 1000 : 100;
/** How many starts run side by side. */
const LANES = 4;
/** Kernel objects that may be there besides; others on this host live, too. */
const MARGIN = 200;
const PATIENCE_SECONDS = 30;

/** Objects of namespaces, mounts and what hangs on them, by the kernel's names. */
const SLABS = `
  mnt_cache pid_namespace user_namespace net_namespace uts_namespace nsproxy
  key_jar dentry shmem_inode_cache
`
  .trim()
  .split(/\s+/);

/** How many objects live; what the kernel only keeps to be quick is dropped before. */
function slabObjects(): ReadonlyMap<string, number> {
  writeFileSync("/proc/sys/vm/drop_caches", "2");
  const rows = readFileSync("/proc/slabinfo", "latin1")
    .split("\n")
    .map((line) => line.split(/ +/));
  return new Map(
    rows.flatMap(([name, active]) =>
      SLABS.includes(name!) ? [[name!, Number(active)]] : [],
    ),
  );
}

/** What is more than it was, once the kernel has had time to clear up. */
async function slabsAbove(
  before: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const end = performance.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const above = [...slabObjects()].filter(
      ([name, count]) => count > before.get(name)! + MARGIN,
    );
    if (above.length === 0 || performance.now() > end)
      return above.map(
        ([name, count]) => `${name}: ${before.get(name)} before, ${count} now`,
      );
    await Bun.sleep(500);
  }
}

/** The keys of our users: /proc/key-users has a row for each who owns some. */
function keysOf(user: number): readonly string[] {
  return readFileSync("/proc/key-users", "latin1")
    .split("\n")
    .filter((line) => line.trim().startsWith(`${user}:`));
}

async function startAndEnd(
  mode: Mode,
  user: number,
  turns: number,
): Promise<void> {
  let left = turns;
  const lane = async () => {
    while (left-- > 0) {
      const result = await mode.run(["run", "true"], { user });
      expect(result).toMatchObject({ status: 0, stdout: "", stderr: "" });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

forEachMode((mode) => {
  mode.rule(
    `${TURNS} instances leave no process, mount, file, key or kernel object`,
    () =>
      leavesNothing(async () => {
        const user = newUser();
        await startAndEnd(mode, user, 2 * LANES);
        const before = slabObjects();
        const started = performance.now();
        await startAndEnd(mode, user, TURNS);
        console.log(
          `${mode.name}: ${TURNS} instances in ${Math.round(performance.now() - started)} ms`,
        );
        expect(await slabsAbove(before)).toEqual([]);
        expect(keysOf(user)).toEqual([]);
      }),
  );

  mode.rule(
    `${AT_ONCE} instances at once run in one login with a session keyring`,
    () =>
      leavesNothing(async () => {
        const words = ["run", "sh", "-c", "printf x; read line; exit 0"];
        const command = [
          faultProgram("keyring"),
          String(AT_ONCE),
          mode.program(),
          ...words,
        ];
        const result = await runOutside(command, {
          user: newUser(),
          timeout: 300,
        });
        expect(result).toMatchObject({
          stdout: `${AT_ONCE} ran, ${AT_ONCE} ended\n`,
          stderr: "",
        });
      }),
  );
});

/** What starts and ends leaves nothing in the kernel; many at once are their user's own affair. */

import { expect } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerImage, tar } from "../harness/archives.ts";
import { baked } from "../harness/bake.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { subordinateLogin } from "./as-root.ts";
import { withEntry } from "./entry.ts";
import { leavesNothing } from "./host-state.ts";
import { faultProgram } from "./programs.ts";
import { SOAK } from "./soak.ts";
import {
  MODES,
  newLogin,
  processesLeft,
  programOf,
  type Login,
  type ModeName,
} from "./logins.ts";

/** What starts and ends, how often in soak and else. A new kind of launch adds its row. */
const ROWS: readonly Row[] = [
  { args: ["run"], turns: [20_000, 200] },
  { args: ["--init", "run"], turns: [2000, 16] },
  { args: ["build"], turns: [2000, 16] },
  { args: ["--as-root", "run"], turns: [2000, 16], ids: true },
  { args: ["--as-root", "build"], turns: [2000, 16], ids: true },
  { args: ["--scratch", "run"], turns: [2000, 16] },
];

interface Row {
  readonly args: readonly string[];
  readonly turns: readonly [soak: number, gate: number];
  /** On a host with subordinate ids for the login. */
  readonly ids?: true;
}

const ENTRIES = SOAK ? 2000 : 16;
const AT_ONCE = SOAK ? 1000 : 200;
/** How many starts run side by side. */
const LANES = 4;
/** Kernel objects that may be there besides; others on this host live, too. */
const MARGIN = 200;
const PATIENCE_SECONDS = 30;

/** Objects of namespaces, mounts, open files and what hangs on them, by the kernel's names. */
const SLABS = `
  mnt_cache pid_namespace user_namespace net_namespace uts_namespace nsproxy
  key_jar dentry shmem_inode_cache filp
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

/** The keys of a user: /proc/key-users has a row for each who owns some. */
function keysOf(user: number): string {
  return (
    readFileSync("/proc/key-users", "latin1")
      .split("\n")
      .find((line) => line.trim().startsWith(`${user}:`)) ?? ""
  );
}

/** One start after another, some side by side. */
interface Loop {
  readonly command: readonly string[];
  readonly options: StartOptions;
}

async function startAndEnd(
  { command, options }: Loop,
  turns: number,
): Promise<void> {
  let left = turns;
  const lane = async () => {
    while (left-- > 0) {
      const result = await runOutside(command, options);
      expect(result).toMatchObject({ status: 0, stdout: "", stderr: "" });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function makeLoop({ args, ids }: Row, mode: ModeName, login: Login): Loop {
  const command = [programOf(mode), ...args, "true"];
  const before = ids === true ? subordinateLogin(login) : [];
  return { command, options: { ...login, before } };
}

/** Loops it, and looks at what is more than it was. */
async function expectNoLeak(
  what: string,
  { loop, login }: { readonly loop: Loop; readonly login: Login },
  turns: number,
): Promise<void> {
  await startAndEnd(loop, 2 * LANES);
  const [keys, before] = [keysOf(login.user), slabObjects()];
  expect([...before.keys()]).toContain("mnt_cache");
  const started = performance.now();
  await startAndEnd(loop, turns);
  const seconds = (performance.now() - started) / 1000;
  expect(await slabsAbove(before)).toEqual([]);
  expect(keysOf(login.user)).toBe(keys);
  console.log(
    `${what} in ${seconds.toFixed(1)} s, at most ${MARGIN} kernel objects more of each kind`,
  );
}

/** `mode` is a mode, or baked. */
function ruleOfLeaks(
  mode: string,
  { args, turns: both }: Row,
  make: () => { readonly loop: Loop; readonly login: Login },
): void {
  const turns = both[SOAK ? 0 : 1];
  rule(
    `${mode}: ${turns} of ${args.join(" ")} leave no process, mount, file, key or kernel object`,
    ["root"],
    () =>
      leavesNothing(() =>
        expectNoLeak(`${mode}: ${turns} of ${args.join(" ")}`, make(), turns),
      ),
  );
}

ruleOfLeaks("baked", ROWS[0]!, () => {
  const login = newLogin("rootless");
  const file = baked([...ROWS[0]!.args, "true"], login);
  return { loop: { command: [file], options: login }, login };
});

/** Imports an image beside the archive, and removes it. */
function importLoop(mode: ModeName, login: Login): Loop {
  const room = makeRoom();
  chmodSync(room, 0o777);
  const layer = tar([{ name: "file", data: "text" }]);
  writeFileSync(join(room, "a.tar"), dockerImage([layer, layer]));
  const script =
    '"$0" import "$1/new$$" < "$1/a.tar" && test -e "$1/new$$/file" && rm -r "$1/new$$"*';
  const command = ["/bin/sh", "-c", script, programOf(mode), room];
  return { command, options: login };
}

for (const mode of MODES) {
  if (SOAK || mode === "rootless")
    ruleOfLeaks(mode, { args: ["import"], turns: [1000, 8] }, () => {
      const login = newLogin(mode);
      return { loop: importLoop(mode, login), login };
    });

  for (const row of ROWS)
    ruleOfLeaks(mode, row, () => {
      const login = newLogin(mode);
      return { loop: makeLoop(row, mode, login), login };
    });

  rule(
    `${mode}: ${ENTRIES} of enter leave no process, mount, file, key or kernel object`,
    ["root"],
    () =>
      leavesNothing(async () => {
        const login = newLogin(mode);
        await withEntry(programOf(mode), login, async ({ args }) => {
          const command = [programOf(mode), ...args, "true"];
          const loop = { command, options: login };
          const before = processesLeft().length;
          await expectNoLeak(
            `${mode}: ${ENTRIES} of enter`,
            { loop, login },
            ENTRIES,
          );
          expect(processesLeft()).toHaveLength(before);
        });
      }),
  );

  rule(
    `${mode}: ${AT_ONCE} instances at once run in one login with a session keyring`,
    ["root"],
    () =>
      leavesNothing(async () => {
        const script = "printf x; read line; exit 0";
        const words = [programOf(mode), "run", "sh", "-c", script];
        const command = [faultProgram("keyring"), String(AT_ONCE), ...words];
        const login = { ...newLogin(mode), timeout: 300 };
        expect(await runOutside(command, login)).toMatchObject({
          stdout: `${AT_ONCE} ran, ${AT_ONCE} ended\n`,
          stderr: "",
        });
      }),
  );
}

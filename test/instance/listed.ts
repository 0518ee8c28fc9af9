/** What `ps` lists. Other tests may run instances meanwhile. */

import type { Mode } from "../harness/modes.ts";
import { waitUntil } from "../harness/processes.ts";
import type { Running } from "../harness/run.ts";

/** A row of `ps --json`. */
export interface Listed {
  readonly name: string | null;
  readonly pid: number;
  readonly init: number;
  /** Who has asked for it, if it is a spawner's. */
  readonly asker: number | null;
  readonly command: readonly string[];
  readonly mode: string;
  readonly processes: readonly number[];
  readonly entered: readonly number[];
}

/** Those that a user sees. */
export async function list(
  mode: Mode,
  user = 1000,
): Promise<readonly Listed[]> {
  return JSON.parse(await mode.output(["ps", "--json"], { user })) as Listed[];
}

/** How its instance is listed, or undefined. */
export async function seen(
  mode: Mode,
  pid: number,
  user?: number,
): Promise<Listed | undefined> {
  return (await list(mode, user)).find((each) => each.pid === pid);
}

/** Waits until so many are listed that match, and gives them. */
async function listedWhere(
  mode: Mode,
  matches: (each: Listed) => boolean,
  { count, user }: { count: number; user: number | undefined },
): Promise<readonly Listed[]> {
  let found: readonly Listed[] = [];
  await waitUntil(`${count} are listed`, async () => {
    found = (await list(mode, user)).filter((each) => matches(each));
    return found.length === count;
  });
  return found;
}

/** Waits until its instance is listed, and gives how. */
export async function listed(
  mode: Mode,
  { pid }: Pick<Running, "pid">,
  user?: number,
): Promise<Listed> {
  const mine = (each: Listed) => each.pid === pid;
  return (await listedWhere(mode, mine, { count: 1, user }))[0]!;
}

/** The same of so many that it has spawners make. They sleep. */
export function listedSpawned(
  mode: Mode,
  { pid }: Pick<Running, "pid">,
  count: number,
): Promise<readonly Listed[]> {
  const mine = ({ asker, command }: Listed) =>
    asker === pid && command[0] === "sleep";
  return listedWhere(mode, mine, { count, user: undefined });
}

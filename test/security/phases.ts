/** Runs of selfdock under the C program `phases`: call by call, seen by root. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import type { Result } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attacker } from "./programs.ts";
import type { Way } from "./ring.ts";

/** One call: who made it, with which ids, and the paths that it named. */
export interface Call {
  /** `thread`: any other thread of the launcher's process. */
  readonly who: "launcher" | "thread" | "child";
  readonly number: number;
  /** Real, effective, saved, and the one for files. */
  readonly ids: readonly number[];
  readonly hasCapabilities: boolean;
  /** The third argument: the flags of an openat. */
  readonly third: number;
  readonly paths: readonly string[];
}

/** What `phases` saw, line by line. */
export interface Phases {
  readonly result: Result;
  readonly lines: readonly (readonly string[])[];
  /** How many calls the child and the launcher made. */
  readonly calls: { readonly child: number; readonly launcher: number };
  readonly executed: boolean;
}

/** Runs `selfdock ARGS…` under `phases WHAT`. */
export async function runPhases(
  way: Way,
  what: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Phases> {
  const out = join(makeRoom(), "phases");
  const before = [...(options.before ?? []), attacker("phases"), what, out];
  const result = await way.run(args, { ...options, before });
  const lines = readFileSync(out, "latin1")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("|"));
  const counts = lines.find(([first]) => first === "calls");
  return {
    result,
    lines: lines.filter(([first]) => first !== "calls" && first !== "executed"),
    calls: { child: Number(counts?.[1]), launcher: Number(counts?.[2]) },
    executed: lines.some(([first]) => first === "executed"),
  };
}

/** Every call of a launch, in order. */
export async function listCalls(
  way: Way,
  args: readonly string[],
  options: StartOptions = {},
): Promise<readonly Call[]> {
  const { lines } = await runPhases(way, "list", args, options);
  return lines.map(([who, number, ids, rights, , third, ...paths]) => ({
    who: who as Call["who"],
    number: Number(number),
    ids: ids!.trim().split(" ").map(Number),
    hasCapabilities: !/^0*$/.test(rights!),
    third: parseInt(third!, 16),
    paths,
  }));
}

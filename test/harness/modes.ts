/**
 * The ways to an instance. Every rule of an instance is run in each; a test
 * that silently went the other way proves nothing, so before each one the way
 * is asserted from inside, by the id map that only it has. A baked file does
 * what a rootless start does: in soak every rule is run by one, too.
 */

import { beforeEach, describe, expect } from "bun:test";
import { baked, bakedLine } from "./bake.ts";
import { type Need, rule } from "./needs.ts";
import { plainProgram, setuidProgram } from "./program.ts";
import { type Result, runOutside, type Running, start } from "./run.ts";
import type { StartOptions, Word } from "./start-records.ts";

/** The ways that are taken; SELFDOCK_MODES names others, with commas. */
const MODES = (process.env["SELFDOCK_MODES"]?.split(",") ?? [
  "rootless",
  "setuid",
  ...(process.env["SELFDOCK_SOAK"] === "1" ? ["baked"] : []),
]) as readonly ModeName[];

export type ModeName = "rootless" | "setuid" | "baked";

/** One way, and how to run selfdock in it. */
export interface Mode {
  readonly name: ModeName;
  /** The path of the copy of selfdock that this way runs. */
  program(): string;
  /** The words before a command and its arguments, with options of selfdock's. */
  before(options?: readonly string[]): readonly string[];
  /** Runs `selfdock ARGS…` as the ordinary user, unless the options say otherwise. */
  run(args: readonly Word[], options?: StartOptions): Promise<Result>;
  start(args: readonly Word[], options?: StartOptions): Running;
  /** Runs and asserts status 0; gives what was written to stdout. */
  output(args: readonly Word[], options?: StartOptions): Promise<string>;
  rule(name: string, body: () => Promise<void>): void;
  ruleWith(
    name: string,
    needs: readonly Need[],
    body: () => Promise<void>,
  ): void;
}

const UID_MAP: Readonly<Record<ModeName, readonly string[]>> = {
  rootless: ["1000", "1000", "1"],
  setuid: ["0", "0", "4294967295"],
  baked: ["1000", "1000", "1"],
};

/** What a mode runs, by name. */
function programOf(name: ModeName): string {
  return name === "setuid" ? setuidProgram() : plainProgram();
}

function lineOf(
  name: ModeName,
  args: readonly Word[],
  options?: StartOptions,
): readonly Word[] {
  return name === "baked"
    ? bakedLine(args, options)
    : [programOf(name), ...args];
}

function makeMode(name: ModeName): Mode {
  const mode: Mode = {
    name,
    program: () => programOf(name),
    before: (options = []) =>
      name === "baked"
        ? [baked([...options, "run", "env"])]
        : [programOf(name), ...options, "run"],
    run: (args, options) => runOutside(lineOf(name, args, options), options),
    start: (args, options) => start(lineOf(name, args, options), options),
    async output(args, options) {
      const result = await mode.run(args, options);
      expect(result.stderr).toBe("");
      expect(result).toMatchObject({ status: 0, signal: null });
      return result.stdout;
    },
    rule: (title, body) => rule(title, ["root"], body),
    ruleWith: (title, needs, body) => rule(title, ["root", ...needs], body),
  };
  return mode;
}

async function assertWay(mode: Mode): Promise<void> {
  const map = await mode.output(["run", "cat", "/proc/self/uid_map"]);
  expect(map.trim().split(/\s+/)).toEqual([...UID_MAP[mode.name]]);
}

/** Runs the rules that BODY declares in every way that the artifact has, and in others if they are named. */
export function forEachMode(
  body: (mode: Mode) => void,
  others: readonly ModeName[] = [],
): void {
  for (const name of new Set([...MODES, ...others])) {
    const mode = makeMode(name);
    describe(name, () => {
      if (process.getuid!() === 0) beforeEach(() => assertWay(mode));
      body(mode);
    });
  }
}

/** `selfdock ARGS…` as a plain copy by an ordinary user. */
export const rootless: Mode = makeMode("rootless");

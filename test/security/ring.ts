/**
 * How a case of the catalogue becomes tests: once in every way that it names.
 * A test that silently went another way proves nothing, so before each the way
 * is asserted from inside, by the id map that only it has.
 */

import { expect, test } from "bun:test";
import { bakedLine } from "../harness/bake.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";
import {
  endAll,
  type Result,
  runOutside,
  type Running,
  start,
} from "../harness/run.ts";
import type { StartOptions, Word } from "../harness/start-records.ts";
import { CATALOGUE, type WayName } from "./catalogue.table.ts";

/** The long ring: races make at least 10,000 attempts. */
export const SOAK = process.env["SELFDOCK_SOAK"] === "1";

/** For one test, milliseconds. */
const PATIENCE = SOAK ? 3_600_000 : 120_000;

/** One way to an instance, and how to go it. */
export interface Way {
  readonly name: WayName;
  program(): string;
  run(args: readonly Word[], options?: StartOptions): Promise<Result>;
  start(args: readonly Word[], options?: StartOptions): Running;
  /** What starts the same line each time it is called: a file is baked once for all. */
  starter(args: readonly Word[]): () => Running;
  /** What `selfdock run sh -c SCRIPT` writes to stdout, after status 0 and an empty stderr. */
  sh(script: string, options?: Inside): Promise<string>;
}

/** An instance's own options, and how selfdock is started. */
export interface Inside extends StartOptions {
  readonly args?: readonly Word[];
  readonly command?: "run" | "build";
}

const FULL_MAP = "0 0 4294967295";
const WAYS: Readonly<
  Record<WayName, { program: () => string; user: number; map: string }>
> = {
  setuid: { program: setuidProgram, user: 1000, map: FULL_MAP },
  rootless: { program: plainProgram, user: 1000, map: "1000 1000 1" },
  root: { program: plainProgram, user: 0, map: FULL_MAP },
  baked: { program: plainProgram, user: 1000, map: "1000 1000 1" },
};

function makeWay(name: WayName): Way {
  const { program, user } = WAYS[name];
  const lineOf = (args: readonly Word[], options: StartOptions) =>
    name === "baked" ? bakedLine(args, options) : [program(), ...args];
  const way: Way = {
    name,
    program,
    run: (args, given) => {
      const options = { user, ...given };
      return runOutside(lineOf(args, options), options);
    },
    start: (args, given) => {
      const options = { user, ...given };
      return start(lineOf(args, options), options);
    },
    starter: (args) => {
      const line = lineOf(args, { user });
      return () => start(line, { user });
    },
    async sh(script, { args = [], command = "run", ...options } = {}) {
      const result = await way.run(
        [...args, command, "sh", "-c", script],
        options,
      );
      expect(result.stderr).toBe("");
      expect(result).toMatchObject({ status: 0, signal: null });
      return result.stdout;
    },
  };
  return way;
}

async function assertWay(way: Way): Promise<void> {
  const map = await way.sh("cat /proc/self/uid_map");
  expect(map.trim().replaceAll(/\s+/g, " ")).toBe(WAYS[way.name].map);
}

/** Declares a test of the ring, which needs root; where CI lacks it, that is a failure. */
function declare(name: string, body: () => Promise<void>): void {
  if (process.getuid!() === 0) {
    const whole = async (): Promise<void> => {
      try {
        await body();
      } finally {
        await endAll();
      }
    };
    test(name, whole, PATIENCE);
  } else if (process.env["CI"]) {
    test(name, () => {
      throw new Error("Skipped, and this is CI: needs root");
    });
  } else {
    test.skip(`${name} (needs root)`, body);
  }
}

/** In soak a baked file must stand whatever a rootless start does. */
function waysOf(id: string): readonly WayName[] {
  const { ways } = CATALOGUE[id]!;
  const only = process.env["SELFDOCK_MODES"];
  const all: readonly WayName[] =
    (SOAK || only === "baked") && ways.includes("rootless")
      ? [...ways, "baked"]
      : ways;
  return only === undefined ? all : all.filter((way) => way === only);
}

/** A test of the case ID: TITLE holds in each of its ways. */
export function attack(
  id: string,
  title: string,
  body: (way: Way) => Promise<void>,
): void {
  for (const name of waysOf(id)) {
    const way = makeWay(name);
    declare(`${id} ${name}: ${title}`, async () => {
      await assertWay(way);
      await body(way);
    });
  }
}

/** The control of the case ID: the attack works where selfdock does not stand. */
export function control(
  id: string,
  title: string,
  body: () => Promise<void>,
): void {
  declare(`${id} control: ${title}`, body);
}

/** A result, as a safe refusal: status 124, one line from selfdock, nothing on stdout. */
export function expectRefusal(result: Result): void {
  expect(result).toMatchObject({ status: 124, signal: null, stdout: "" });
  expect(result.stderr).toMatch(
    /^selfdock: [^\x00-\x1f\x7f]*\n(selfdock: hint: [^\n]*\n)?$/,
  );
}

/** Scripts that are run by root of --as-root, on a host that has subordinate ids for the user. */

import { expect } from "bun:test";
import { subordinateHost } from "../harness/subordinate.ts";
import type { Way } from "./ring.ts";

/** What SCRIPT says inside, and its status; `ids`: with subordinate ids. */
export function inside(
  way: Way,
  script: string,
  given: {
    command?: "run" | "build";
    args?: readonly string[];
    ids?: boolean;
  } = {},
) {
  const { command = "run", args = [], ids = true } = given;
  const options = ids ? { before: subordinateHost() } : {};
  return way.run([...args, "--as-root", command, "sh", "-c", script], options);
}

/** Each line is tried, and which of them succeed is told. */
export function tries(lines: readonly string[]): string {
  return lines
    .map(
      (line, index) => `if ( ${line} ) >/dev/null 2>&1; then echo ${index}; fi`,
    )
    .join("\n");
}

/** Expects that no line of SCRIPTS does what it says. */
export async function allRefused(
  way: Way,
  lines: readonly string[],
  given: Parameters<typeof inside>[2] = {},
) {
  const result = await inside(way, tries(lines), given);
  const done = result.stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  expect(done.map((index) => lines[Number(index)])).toEqual([]);
  expect(result).toMatchObject({ status: 0, signal: null });
}

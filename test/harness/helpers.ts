/** The C programs of test/harness/c, compiled once and static: any root can run them. */

import { join } from "node:path";
import { baseDirectory } from "./base.ts";

const compiled = new Map<string, string>();

/** The path of the helper NAME, which any user may execute. */
export function helper(name: "start" | "state" | "calls" | "watch"): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const path = join(baseDirectory(), name);
  const source = join(import.meta.dir, "c", `${name}.c`);
  const result = Bun.spawnSync([
    "cc",
    "-static",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-o",
    path,
    source,
  ]);
  if (result.exitCode !== 0)
    throw new Error(`Cannot compile ${source}: ${result.stderr.toString()}`);
  compiled.set(name, path);
  return path;
}

/** The C programs of test/security/c, compiled once and static. */

import { join } from "node:path";
import { baseDirectory } from "../harness/base.ts";

export type Name =
  | "phases"
  | "race"
  | "twice"
  | "reach"
  | "seize"
  | "type"
  | "kernel";

const compiled = new Map<Name, string>();

/** The path of the program NAME, which any user may execute. */
export function attacker(name: Name): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const path = join(baseDirectory(), `attacker-${name}`);
  const source = join(import.meta.dir, "c", `${name}.c`);
  const flags = ["-static", "-O1", "-Wall", "-Wextra", "-Werror"];
  const result = Bun.spawnSync(["cc", ...flags, "-o", path, source]);
  if (result.exitCode !== 0)
    throw new Error(`Cannot compile ${source}: ${result.stderr.toString()}`);
  compiled.set(name, path);
  return path;
}

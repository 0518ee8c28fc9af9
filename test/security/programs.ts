/** The C programs of test/security/c, compiled once and static. */

import { join } from "node:path";
import { baseDirectory } from "../harness/base.ts";

export type Name =
  | "phases"
  | "race"
  | "twice"
  | "seize"
  | "shared"
  | "type"
  | "tricks"
  | "lurk"
  | "leave"
  | "forge";

const compiled = new Map<Name, string>();

function compile(path: string, name: string, flags: readonly string[]): void {
  const source = join(import.meta.dir, "c", `${name}.c`);
  const all = ["-O1", "-Wall", "-Wextra", "-Werror", ...flags];
  const result = Bun.spawnSync(["cc", ...all, "-o", path, source]);
  if (result.exitCode !== 0)
    throw new Error(`Cannot compile ${source}: ${result.stderr.toString()}`);
}

/** The path of the program NAME, which any user may execute. */
export function attacker(name: Name): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const path = join(baseDirectory(), `attacker-${name}`);
  compile(path, name, ["-static"]);
  compiled.set(name, path);
  return path;
}

/** Makes the library PATH, which writes to MARK who has loaded it. */
export function makeMarkLibrary(path: string, mark: string): void {
  compile(path, "mark", ["-shared", "-fPIC", `-DMARK="${mark}"`]);
}

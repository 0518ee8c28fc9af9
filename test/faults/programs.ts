/** The C programs of test/faults/c, compiled once and static. */

import { join } from "node:path";
import { baseDirectory } from "../harness/base.ts";

const compiled = new Map<string, string>();

/** The path of the program NAME, which any user may execute. */
export function faultProgram(
  name: "refuse" | "interrupt" | "keyring" | "older",
): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const path = join(baseDirectory(), `fault-${name}`);
  const source = join(import.meta.dir, "c", `${name}.c`);
  const flags = ["-static", "-O1", "-Wall", "-Wextra", "-Werror"];
  const result = Bun.spawnSync(["cc", ...flags, "-o", path, source]);
  if (result.exitCode !== 0)
    throw new Error(`Cannot compile ${source}: ${result.stderr.toString()}`);
  compiled.set(name, path);
  return path;
}

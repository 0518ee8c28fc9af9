/** Bakes files for tests, as the user who starts them. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { baseDirectory } from "./base.ts";
import { helper } from "./helpers.ts";
import { plainProgram } from "./program.ts";
import { ENVIRONMENT, startRecords } from "./start-records.ts";
import type { StartOptions, Word } from "./start-records.ts";

/** What `selfdock bake` said, and the path of what it made. */
export interface Bakery {
  readonly file: string;
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs `selfdock bake -o FILE ARGS…` in a directory of its own. */
export function bake(
  args: readonly Word[],
  options: Pick<StartOptions, "user" | "group" | "groups" | "cwd"> = {},
): Bakery {
  const parent = join(baseDirectory(), "baked");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "b"));
  chmodSync(directory, 0o777);
  const file = join(directory, "selfdock");
  const spec = join(directory, "spec");
  const line = [plainProgram(), "bake", "-o", file, ...args];
  writeFileSync(spec, startRecords(line, options));
  const { exitCode, stderr } = Bun.spawnSync([helper("start"), spec], {
    env: ENVIRONMENT,
    cwd: "/",
    stdin: "ignore",
  });
  return { file, status: exitCode, stderr: stderr.toString() };
}

/** The path of a file that was baked; throws with what was said if it was not. */
export function baked(...line: Parameters<typeof bake>): string {
  const { file, status, stderr } = bake(...line);
  if (status !== 0)
    throw new Error(`Cannot bake ${line[0].join(" ")}: ${stderr}`);
  return file;
}

/** The line that does what `selfdock ARGS…` does; one that cannot be baked is selfdock's own, which says what is wrong with it. */
export function bakedLine(
  args: readonly Word[],
  options: StartOptions = {},
): readonly Word[] {
  const { file, status } = bake(args, options);
  return status === 0 && existsSync(file) ? [file] : [plainProgram(), ...args];
}

/**
 * The program under test: SELFDOCK_PROGRAM, by default dist/selfdock. It is
 * copied to where an ordinary user can reach it; the setuid copy lies in a
 * directory of root's that nobody else can write, and is removed in any case.
 */

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { baseDirectory, makeProcessDirectory } from "./base.ts";

/** The program as it was built or installed. */
const BUILT = resolve(
  process.env["SELFDOCK_PROGRAM"] ??
    join(import.meta.dir, "../../dist/selfdock"),
);

function copy(directory: string, mode: number): string {
  if (!existsSync(BUILT)) {
    throw new Error(
      `There is no program to test at ${BUILT}: run "npm run build", or set SELFDOCK_PROGRAM`,
    );
  }
  const path = join(directory, "selfdock");
  copyFileSync(BUILT, path);
  // The owner first: a change of owner clears the setuid bit.
  if (process.getuid!() === 0) chownSync(path, 0, 0);
  chmodSync(path, mode);
  return path;
}

let plain: string | undefined;
let setuid: string | undefined;

/** A plain copy that every user can execute. */
export function plainProgram(): string {
  if (plain === undefined) {
    const directory = join(baseDirectory(), "plain");
    mkdirSync(directory, { mode: 0o755 });
    plain = copy(directory, 0o755);
  }
  return plain;
}

/** A copy with the setuid bit, owned by root. */
export function setuidProgram(): string {
  setuid ??= copy(makeProcessDirectory("/usr/local/lib", false), 0o4755);
  return setuid;
}

/** Programs that use the library as it is built, run as anybody may run them. */

import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "./room.ts";
import { type Result, type Running, start } from "./run.ts";
import type { StartOptions } from "./start-records.ts";

const BUILT = join(import.meta.dir, "../../dist/index.js");

/** A program of Bun's; its text begins behind the import of the whole library. */
function writeProgram(text: string): string {
  if (!existsSync(BUILT))
    throw new Error('There is no library to test: run "npm run build"');
  const room = makeRoom({});
  copyFileSync(BUILT, join(room, "index.js"));
  const path = join(room, "main.ts");
  const head =
    'import { batch, plan, run, SelfdockError, spawn } from "./index.js";\n';
  writeFileSync(path, head + text);
  return path;
}

/** Starts it, by default as the ordinary user. */
export function startProgram(
  text: string,
  options: StartOptions = {},
): Running {
  return start([process.execPath, writeProgram(text)], options);
}

/** Runs it to its end. */
export function runProgram(
  text: string,
  options: StartOptions = {},
): Promise<Result> {
  return startProgram(text, options).ended;
}

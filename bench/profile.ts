/**
 * npx bun bench/profile.ts: where the time of a line that needs Bun goes, in
 * medians. Needs nothing but a built artifact; writes to standard output. What
 * was seen on one machine, and what it means, is in bench/PROFILE.md.
 */

import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "pathe";
import { addStage0, compile } from "../build.ts";

const ROUNDS = 100;
const LINE = ["--ulimit", "core=0", "run", "/bin/true"];

/** From the start of Bun's own clock. */
const PARTS = [
  "Bun starts, and loads and evaluates what a launch needs",
  "the handover is read",
  "the line is parsed",
  "the table is filled",
] as const;

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function time(command: readonly string[]): { whole: number; stderr: string } {
  const start = Bun.nanoseconds();
  const { stderr } = Bun.spawnSync([...command], { stdin: "ignore" });
  return { whole: (Bun.nanoseconds() - start) / 1e6, stderr: String(stderr) };
}

/** The launcher with its clock, and an executable of Bun's that tells only when it is there. */
async function makePrograms(directory: string) {
  const own = join(directory, "selfdock");
  await compile(own, [], join(import.meta.dirname, "profile-entry.ts"));
  writeFileSync(own, addStage0(readFileSync(own), false));
  chmodSync(own, 0o755);
  const source = join(directory, "empty.ts");
  writeFileSync(source, "console.error(Bun.nanoseconds() / 1e6);");
  const empty = join(directory, "empty");
  await compile(empty, [], source);
  return { own, empty };
}

const directory = mkdtempSync("/var/tmp/selfdock-profile-");
try {
  const { own, empty } = await makePrograms(directory);
  const rows = Array.from({ length: ROUNDS }, () => ({
    empty: time([empty]),
    own: time([own, ...LINE]),
  }));
  const marks = rows.map(({ own: { stderr } }) =>
    stderr.split(" ").map(Number),
  );
  console.log(
    `empty Bun: first line at ${middle(rows.map(({ empty: { stderr } }) => Number(stderr))).toFixed(2)} ms, ended at ${middle(rows.map((row) => row.empty.whole)).toFixed(2)}`,
  );
  PARTS.forEach((part, index) => {
    const spent = marks.map((row) => row[index]! - (row[index - 1] ?? 0));
    console.log(`${part}: ${middle(spent).toFixed(2)}`);
  });
  console.log(
    `the whole, with the instance: ${middle(rows.map((row) => row.own.whole)).toFixed(2)}`,
  );
} finally {
  rmSync(directory, { recursive: true });
}

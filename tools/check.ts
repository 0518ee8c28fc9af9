/**
 * The gate, `npm run check`: everything that judges the source without running
 * it. All checks run, each reports, and one that fails fails the gate. Sizes,
 * cycles and the walls between the layers are rules of .oxlintrc.json.
 */

import { join } from "pathe";
import { findDynamicImports } from "./dynamic-imports.ts";

interface Outcome {
  readonly passed: boolean;
  /** What the check has to say; printed if it failed. */
  readonly output: string;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const root = join(import.meta.dir, "..");
const programs = join(root, "node_modules/.bin");

async function runProgram(
  program: string,
  words: readonly string[],
): Promise<Outcome> {
  const child = Bun.spawn([join(programs, program), ...words], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { passed: (await child.exited) === 0, output: output.join("") };
}

/** What runs by Node, which must be one that npm has installed its native parts for. */
const LEAST_NODE = [20, 19] as const;

function isOld(version: string): boolean {
  const [, major = 0, minor = 0] =
    /^v(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const [leastMajor, leastMinor] = LEAST_NODE;
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

function runByNode(
  program: string,
  words: readonly string[],
): Promise<Outcome> {
  const { stdout } = Bun.spawnSync(["node", "--version"]);
  const version = stdout.toString().trim();
  if (!isOld(version)) return runProgram(program, words);
  const output = `${program} wants Node ${LEAST_NODE.join(".")} or later; this is ${version}`;
  return Promise.resolve({ passed: false, output });
}

async function checkDynamicImports(): Promise<Outcome> {
  const breaches = await findDynamicImports(root);
  return { passed: breaches.length === 0, output: breaches.join("\n") };
}

/** Every check by the name it reports under. */
const CHECKS: Readonly<Record<string, () => Promise<Outcome>>> = {
  format: () => runProgram("bun", ["fmt", "--check"]),
  lint: () => runByNode("oxlint", ["--format=unix"]),
  "dynamic imports": checkDynamicImports,
  types: () => runProgram("bun", ["check", "--no-script", "--no-pretty"]),
  "dead code": () => runByNode("knip", ["--no-progress"]),
};

/** Runs every check at once and reports in the order of the table. */
export async function runChecks(): Promise<Tally> {
  const running = Object.entries(CHECKS).map(([name, check]) => ({
    name,
    outcome: check(),
  }));
  let failed = 0;
  for (const { name, outcome } of running) {
    const { passed, output } = await outcome;
    console.log(`check: ${name}: ${passed ? "passed" : "FAILED"}`);
    if (passed) continue;
    failed += 1;
    console.log(output.trimEnd());
  }
  return { passed: running.length - failed, failed };
}

if (import.meta.main) {
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}

/**
 * `npm test`: the gate, then every test with counts that fit it.
 *
 *   bun tools/test.ts                    check, then all tests
 *   bun tools/test.ts --soak             the same with the full counts
 *   bun tools/test.ts --installed PATH   the instance tests alone, against PATH
 *
 * The last line is `N passed, N failed, N skipped`; each check counts as one.
 * With CI set, a skipped test is a failure: a gate that skips guards nothing.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "pathe";
import { runChecks } from "./check.ts";
import { installDebianPackages } from "./debian.ts";
import { parseSkipped, parseSummary, type Summary } from "./summary.ts";

const root = join(import.meta.dir, "..");

interface Plan {
  /** Where the tests lie. */
  readonly directory: string;
  readonly check: boolean;
  /** How often a property is tried, unless SELFDOCK_RUNS says it. */
  readonly runs: string;
  readonly environment: Readonly<Record<string, string>>;
}

const GATE: Plan = {
  directory: "test",
  check: true,
  runs: "200",
  environment: {},
};

function parsePlan(words: readonly string[]): Plan {
  const [word, path] = words;
  if (word === undefined) return GATE;
  if (word === "--soak" && words.length === 1) {
    return { ...GATE, runs: "20000", environment: { SELFDOCK_SOAK: "1" } };
  }
  if (word === "--installed" && path !== undefined && words.length === 2) {
    // npm changes to the checkout and says in INIT_CWD where it was called.
    const program = resolve(process.env["INIT_CWD"] ?? ".", path);
    const environment = { SELFDOCK_PROGRAM: program };
    return { ...GATE, directory: "test/instance", check: false, environment };
  }
  throw new Error(
    "Cannot test: the words are none, --soak, or --installed PATH (npm run test:installed -- PATH)",
  );
}

/** Copies a stream to our standard error as it comes, and returns it whole. */
async function relay(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    process.stderr.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Runs the tests, one file after another, and says what was skipped. */
async function runTests(plan: Plan): Promise<Summary> {
  const { SELFDOCK_SEED, SELFDOCK_RUNS } = process.env;
  const seed = SELFDOCK_SEED ?? `${Math.floor(Math.random() * 2 ** 31)}`;
  const runs = SELFDOCK_RUNS ?? plan.runs;
  console.log(`SELFDOCK_SEED=${seed} SELFDOCK_RUNS=${runs}`);
  const scratch = mkdtempSync(join(tmpdir(), "test-report-"));
  const report = join(scratch, "report.xml");
  try {
    const child = Bun.spawn(
      [
        process.execPath,
        "test",
        "--timeout=60000",
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        `./${plan.directory}/`,
      ],
      {
        cwd: root,
        env: {
          ...process.env,
          ...plan.environment,
          SELFDOCK_SEED: seed,
          SELFDOCK_RUNS: runs,
        },
        stdin: "ignore",
        stdout: "inherit",
        stderr: "pipe",
      },
    );
    const output = await relay(child.stderr);
    const summary = parseSummary(output, await child.exited);
    if (summary.skipped > 0) {
      for (const name of parseSkipped(readFileSync(report, "utf8"))) {
        console.log(`skipped: ${name}`);
      }
    }
    return summary;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function main(): Promise<void> {
  const plan = parsePlan(process.argv.slice(2));
  installDebianPackages();
  const checks = plan.check ? await runChecks() : { passed: 0, failed: 0 };
  const tests = await runTests(plan);
  const refused = process.env["CI"] ? tests.skipped : 0;
  if (refused > 0) console.log("In CI a skipped test is a failure");
  const passed = checks.passed + tests.passed;
  const failed = checks.failed + tests.failed + refused;
  const skipped = tests.skipped - refused;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

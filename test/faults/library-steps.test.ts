/** Every call of a launch by the library is broken in turn: there is no weaker instance, and an error that says which. */

import { expect } from "bun:test";
import { dirname, join } from "node:path";
import { runProgram } from "../harness/library.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import type { Options } from "../../src/selfdock.d.ts";
import { subordinateLogin } from "./as-root.ts";
import { leavesNothing } from "./host-state.ts";
import { newLogin } from "./logins.ts";
import { choose, leastClosed } from "./soak.ts";
import { parseCallSteps, type CallStep } from "./steps.ts";
import { toleranceOf } from "./tolerated.table.ts";

const STRIDE = 13;
const PATIENCE_SECONDS = 600;
const SEAM = Bun.fileURLToPath(import.meta.resolve("./seam/library-encode.ts"));

/** The library with the seam in the place of the encoder. */
async function buildVariant(): Promise<string> {
  const directory = makeRoom({});
  const result = await Bun.build({
    entrypoints: [join(import.meta.dir, "../../src/index.ts")],
    outdir: directory,
    target: "bun",
    plugins: [
      {
        name: "seam",
        setup: (bundle) =>
          void bundle.onResolve(
            { filter: /\/encode\.ts$/ },
            ({ path, importer }) => ({
              path:
                importer === SEAM ? Bun.resolveSync(path, dirname(SEAM)) : SEAM,
            }),
          ),
      },
    ],
  });
  expect(result.success).toBe(true);
  return join(directory, "index.js");
}

/** What became of the launch with one step broken. */
interface Outcome {
  readonly number: number;
  /** What the command has written; null if none was executed. */
  readonly output: string | null;
  readonly code: string | null;
  readonly message: string;
}

const KINDS: Readonly<Record<string, Options>> = {
  "no option": {},
  init: { init: true },
  "no network, a name": { net: "none", hostname: "inside" },
  "missing places": {
    map: [["/etc", "/missing/deep"]],
    tmpfs: [["size=1m", "/missing/tmp"]],
    hide: ["/usr/share"],
  },
  "what lies in memory": {
    data: [["content", "/missing/data"]],
    scratch: true,
    name: "it",
  },
  "root, with subordinate ids": { asRoot: true },
  "kept descriptors": { keepFd: [3, 100] },
};

/** What an instance is, without what differs from one start to the next. */
const REPORT = [
  "cut -d' ' -f4- /proc/self/mountinfo | sed 's/ master:[0-9]*//; s/ shared:[0-9]*//'",
  "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|SigIgn)' /proc/1/status /proc/self/status",
  "grep SigBlk /proc/self/status; cat /proc/self/uid_map /proc/self/gid_map",
  "stat -c '%n %F %a %u %g' /* /dev/*; ls /proc/self/fd; wc -l < /proc/net/dev; pwd; umask",
  "cat /missing/data; touch /new; ls /",
].join("\n");

function programOf(
  library: string,
  options: Options,
  numbers: readonly number[],
) {
  return `
const { plan, SelfdockError } = await import(${JSON.stringify(library)});
const attempt = async (number) => {
  globalThis.brokenStep = number;
  using planned = plan(${JSON.stringify(options)});
  try {
    const { stdout } = await planned.run(["sh", "-c", ${JSON.stringify(REPORT)}]);
    return { number, output: stdout.text(), code: null, message: "" };
  } catch (error) {
    const known = error instanceof SelfdockError;
    return { number, output: null, code: known ? error.code : null, message: String(error.message) };
  }
};
const whole = await attempt(undefined);
const outcomes = [];
for (const number of ${JSON.stringify(numbers)}) outcomes.push(await attempt(number));
console.log(JSON.stringify({ text: plan(${JSON.stringify(options)}).text, whole, outcomes }));
`;
}

/** Null if it is as it must be. */
function judge(step: CallStep, outcome: Outcome, whole: string): string | null {
  const { output, code, message } = outcome;
  if (output === null) {
    if (code !== "launch") return `${code}: ${message}`;
    // A helper is a process of its own, and its launcher says what it was for.
    const named =
      message.endsWith(` (step ${step.number}, ${step.call}: ENOSYS)`) ||
      message.startsWith(`Cannot ${step.part}: "/usr/bin/`);
    return !step.mustSucceed || named ? null : `it is not named: ${message}`;
  }
  const [lines, others] = [output.split("\n"), whole.split("\n")];
  const changes = toleranceOf(step.text)?.changes;
  const differences = [
    ...others
      .filter((line) => !lines.includes(line))
      .map((line) => `- ${line}`),
    ...lines
      .filter((line) => !others.includes(line))
      .map((line) => `+ ${line}`),
  ].filter((line) => step.mustSucceed || changes?.test(line) !== true);
  // None: it was tolerated, or this instance does not come to it.
  return differences.length === 0 ? null : differences.join("\n");
}

for (const [name, options] of Object.entries(KINDS))
  rule(
    `library: ${name}: whatever step fails, there is no weaker instance`,
    ["root"],
    () =>
      leavesNothing(async () => {
        const library = await buildVariant();
        const own = newLogin("rootless");
        const before = options.asRoot === true ? subordinateLogin(own) : [];
        const open = (options.keepFd ?? []).map(
          (number) => [number, "/etc/passwd"] as const,
        );
        const login = { ...own, before, open, timeout: PATIENCE_SECONDS };
        const run = async (numbers: readonly number[]) => {
          const text = programOf(library, options, numbers);
          const result = await runProgram(text, login);
          expect(result).toMatchObject({ status: 0, stderr: "" });
          return JSON.parse(result.stdout) as {
            text: string;
            whole: Outcome;
            outcomes: readonly Outcome[];
          };
        };
        const steps = parseCallSteps((await run([])).text);
        const chosen = choose(steps, STRIDE);
        const numbers = chosen.map(({ number }) => number);
        const { whole, outcomes } = await run(numbers);
        expect(whole.output).toContain("NoNewPrivs:\t1");
        const breaches = outcomes.flatMap((outcome, at) => {
          const step = chosen[at]!;
          const why = judge(step, outcome, whole.output!);
          return why === null ? [] : [`${step.number} ${step.text}: ${why}`];
        });
        expect(breaches).toEqual([]);
        const closed = outcomes.filter(({ output }) => output === null).length;
        expect(closed).toBeGreaterThanOrEqual(leastClosed(chosen.length));
        console.log(
          `library, ${name}: ${chosen.length} of ${steps.length} steps broken, ${closed} closed`,
        );
      }),
  );

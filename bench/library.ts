/** The library beside `selfdock batch`: a program that makes one instance after another, or some at once. */

import { copyFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "pathe";
import { asUser } from "./measure.ts";
import type { Section, Size } from "./sections.ts";
import { run } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

const TRUE = "/bin/true";
const ROUNDS = 9;
const BUILT = join(import.meta.dirname, "../dist/index.js");

/** Programs, each behind the import of the library. */
const PROGRAMS = {
  loop: "for (let turn = 0; turn < count; turn++) await run(command);",
  batch:
    "for await (const { error } of batch(Array(count).fill(command), { concurrency })) if (error !== null) throw error;",
  peak: "console.log((await run(command)).peakMemory);",
  pause: `
const gaps = [];
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  gaps.push(now - last);
  last = now;
}, 1);
for await (const { error } of batch(Array(count).fill(command), { concurrency })) if (error !== null) throw error;
clearInterval(timer);
console.log(gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.99)] ?? 0);`,
} as const;

/** What was measured. */
export interface Library {
  readonly section: Section;
  /** Of the same rounds: the rate of `run` in a loop by that of `batch -j 1`. */
  readonly loop: number;
  /** The peak memory that is told of `true`, in MB. */
  readonly peak: number;
}

/** So many instances by each contender, in turn, so that noise falls on all alike. */
export function measureLibrary(
  { directory, selfdock }: Workshop,
  { loop, rounds }: Size,
): Library {
  const lines = join(directory, "library-lines");
  writeFileSync(lines, `${TRUE}\n`.repeat(loop));
  copyFileSync(BUILT, join(directory, "index.js"));
  const program = (name: keyof typeof PROGRAMS) => {
    const path = join(directory, `${name}.ts`);
    const head = `import { batch, run } from "./index.js";
const [command, count, concurrency] = [["${TRUE}"], ${loop}, ${availableParallelism()}];\n`;
    writeFileSync(path, head + PROGRAMS[name]);
    return [process.execPath, path];
  };
  const contenders = {
    "`selfdock batch -j 1`": [selfdock.rootless, "batch", "-j", "1", lines],
    "the library: `run` in a loop": program("loop"),
    "the library: `batch`, as many at once as processors": program("batch"),
  };
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  const samples = Array.from({ length: Math.min(rounds, ROUNDS) }, () =>
    names.map((name) => {
      const start = Bun.nanoseconds();
      run([...asUser(), ...contenders[name]], directory);
      return loop / ((Bun.nanoseconds() - start) / 1e9);
    }),
  );
  const column = (at: number) => median(samples.map((each) => each[at]!));
  const told = (name: "peak" | "pause") =>
    Number(run([...asUser(), ...program(name)], directory));
  const rows = [
    ...names.map((name, at) => [name, `${column(at).toFixed(0)} a second`]),
    [
      "a timer of 1 ms beside that `batch`, 99th percentile",
      `${told("pause").toFixed(1)} ms`,
    ],
  ];
  return {
    section: {
      title: "The library",
      head: [`${loop} instances of \`true\` from one program`, "median"],
      rows,
    },
    loop: median(samples.map((each) => each[1]! / each[0]!)),
    peak: told("peak") / 2 ** 20,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

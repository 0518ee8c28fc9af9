/** Interleaved measurements: whole processes in turn, so that noise falls on all alike. */

import { run } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

/** Of one command's starts: milliseconds, and kilobytes of peak memory. */
export interface Sample {
  readonly name: string;
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly peak: number;
}

export type Commands = Readonly<Record<string, readonly string[]>>;

/** The ordinary user of every measurement. */
export const USER = 1000;

/** Starts the commands in turn; `before` is a command that gets the rest as its last arguments. */
export function interleave(
  { interleave: program, directory }: Workshop,
  commands: Commands,
  {
    rounds,
    user = USER,
    before = [],
  }: { rounds: number; user?: number; before?: readonly string[] },
): ReadonlyMap<string, Sample> {
  const words = Object.values(commands).flatMap((command) => [
    "--",
    ...command,
  ]);
  const warm = Math.ceil(rounds / 10);
  const line = [
    ...before,
    program,
    String(rounds + warm),
    String(user),
    ...words,
  ];
  const rows = run(line, directory)
    .trim()
    .split("\n")
    .map((row) => row.split(" ").map(Number));
  const names = Object.keys(commands);
  const own = rows.slice(warm * names.length);
  return new Map(
    names.map((name, index) => {
      const mine = own.filter(([which]) => which === index);
      const times = mine.map(([, time]) => time! / 1e6);
      const peak = Math.max(...mine.map(([, , memory]) => memory!));
      return [name, { name, ...quartiles(times), peak }];
    }),
  );
}

function quartiles(values: readonly number[]): {
  median: number;
  lower: number;
  upper: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.floor(share * (sorted.length - 1))]!;
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** Starts a second of a shell line that does `count` starts. */
export function rate(
  words: readonly string[],
  { jobs, count, cwd }: { jobs: number; count: number; cwd: string },
): number {
  const command = words.join(" ");
  const script =
    jobs === 1
      ? `i=0; while [ $i -lt ${count} ]; do ${command}; i=$((i+1)); done`
      : `seq ${count} | xargs -P ${jobs} -n 1 sh -c '${command}'`;
  const start = Bun.nanoseconds();
  run([...asUser(), "sh", "-c", script], cwd);
  return count / ((Bun.nanoseconds() - start) / 1e9);
}

export function asUser(): readonly string[] {
  return [
    "setpriv",
    "--reuid",
    String(USER),
    "--regid",
    String(USER),
    "--clear-groups",
  ];
}

/** Kilobytes of a process's own memory, with its share of what others have too; null if it is gone. */
export async function proportionalSize(pid: number): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/smaps_rollup`).text();
  return Number(/^Pss: +([0-9]+) kB$/m.exec(text)![1]);
}

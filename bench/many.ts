/** Many instances from one process: `batch` beside the yardstick that makes one after another. */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "pathe";
import { asUser } from "./measure.ts";
import type { Section, Size } from "./sections.ts";
import { run } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

const TRUE = "/bin/true";
const ROUNDS = 5;
/** A batch is of many: so many times as a shell's loop has, so that its own start does not count. */
const TIMES = 5;

/** What was measured: instances a second, and bytes. */
export interface Many {
  readonly section: Section;
  /** Of the same rounds: batch, one at a time, by the yardstick; as many as there are processors, by one at a time. */
  readonly alone: number;
  readonly together: number;
  /** The peak memory that is told of `true`, in MB. */
  readonly peak: number;
}

/** So many instances by each contender, in turn, so that noise falls on all alike. */
export function measureMany(shop: Workshop, { loop, rounds }: Size): Many {
  const { directory, yardstick, selfdock } = shop;
  const lines = join(directory, "lines");
  const count = TIMES * loop;
  writeFileSync(lines, `${TRUE}\n`.repeat(count));
  const jobs = String(availableParallelism());
  const batch = (most: string) => [
    selfdock.rootless,
    "batch",
    "-j",
    most,
    lines,
  ];
  const contenders = {
    yardstick: [yardstick.rootless, "-n", String(count), TRUE],
    one: batch("1"),
    all: batch(jobs),
  };
  const samples = Array.from({ length: Math.min(rounds, ROUNDS) }, () => ({
    yardstick: rateOf(contenders.yardstick, { count, directory }),
    one: rateOf(contenders.one, { count, directory }),
    all: rateOf(contenders.all, { count, directory }),
  }));
  const rate = (name: keyof typeof contenders) =>
    median(samples.map((each) => each[name]));
  const rows = [
    ["C yardstick, one after another", rate("yardstick").toFixed(0)],
    ["`selfdock batch -j 1`", rate("one").toFixed(0)],
    [`\`selfdock batch -j ${jobs}\``, rate("all").toFixed(0)],
  ];
  return {
    section: {
      title: "Many instances from one process",
      head: [`${count} instances of \`true\``, "a second, median"],
      rows,
    },
    alone: median(samples.map((each) => each.one / each.yardstick)),
    together: median(samples.map((each) => each.all / each.one)),
    peak: peakOfTrue(shop),
  };
}

function rateOf(
  command: readonly string[],
  { count, directory }: { count: number; directory: string },
): number {
  const start = Bun.nanoseconds();
  run([...asUser(), ...command], directory);
  return count / ((Bun.nanoseconds() - start) / 1e9);
}

function peakOfTrue({ directory, selfdock }: Workshop): number {
  const lines = join(directory, "lines");
  const command = [selfdock.rootless, "batch", "--json", "-j", "1", lines];
  const peaks = run([...asUser(), ...command], directory)
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { peakBytes: number }).peakBytes);
  return Math.max(...peaks) / 2 ** 20;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

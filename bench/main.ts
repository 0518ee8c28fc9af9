/**
 * npm run bench [-- --quick]: measures selfdock beside its peers and beside what
 * the kernel takes (bench/yardstick), all in one run, and writes RESULTS.md and
 * chart.svg. Needs root for set-user-id copies, mounts and container engines;
 * what is measured runs as an ordinary user. `--quick` only shows that it works,
 * and writes nothing.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "pathe";
import { renderChart } from "./chart.ts";
import { measureMany } from "./many.ts";
import type { Many } from "./many.ts";
import { measureLibrary } from "./library.ts";
import type { Library } from "./library.ts";
import type { Sample } from "./measure.ts";
import { measureOptions } from "./options.ts";
import {
  measureCompile,
  measureIdle,
  measureLatency,
  measureMaps,
  measureMounts,
  measureRate,
  QUICK,
  WHOLE,
} from "./sections.ts";
import type { Section } from "./sections.ts";
import { closeWorkshop, openWorkshop } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

/** What must be, and what is aimed at: ratios of medians, unless a unit is given. */
type Goal = readonly [
  what: string,
  measured: number | undefined,
  must: string,
  aim: string,
];

const quick = process.argv.includes("--quick");
const size = quick ? QUICK : WHOLE;

async function measure(shop: Workshop): Promise<string> {
  const { samples, section: latency } = measureLatency(shop, size);
  const options = measureOptions(shop, size);
  const rates = measureRate(shop, size);
  const idle = await measureIdle(shop, size);
  const mounts = measureMounts(shop, size);
  const maps = measureMaps(shop, size);
  const many = measureMany(shop, size);
  const library = measureLibrary(shop, size);
  const { seconds, section: project } = measureCompile(shop, size);
  const goals: readonly Goal[] = [
    ...latencyGoals(samples),
    ...rateGoals(rates),
    ...mountGoals(mounts),
    [
      "an idle instance beyond the command, kB Pss",
      parseInt(String(idle.rows[0]![1]), 10),
      "≤ 100",
      "40",
    ],
    ...manyGoals(many),
    ...libraryGoals(library),
    ...compileGoals(seconds),
  ];
  if (!quick) {
    const bars = [...samples.values()].filter(
      ({ name }) => !/yardstick|empty|true|by Bun|, root$/.test(name),
    );
    writeFileSync(join(import.meta.dirname, "chart.svg"), renderChart(bars));
  }
  const summary = summarize(goals);
  return render([
    summary,
    latency,
    options,
    rates,
    many.section,
    library.section,
    idle,
    mounts,
    maps,
    project,
  ]);
}

function latencyGoals(samples: ReadonlyMap<string, Sample>): readonly Goal[] {
  const ratio = (a: string, b: string) => {
    const [x, y] = [samples.get(a), samples.get(b)];
    return x && y && x.median / y.median;
  };
  const floor = "an empty Bun executable and the yardstick less `true`";
  return [
    [
      "`selfdock run true`, setuid / bubblewrap",
      ratio("selfdock run, setuid", "bubblewrap"),
      "≤ 0.5",
      "0.35",
    ],
    [
      "`selfdock run true`, rootless / bubblewrap",
      ratio("selfdock run, rootless", "bubblewrap"),
      "≤ 0.7",
      "0.5",
    ],
    [
      "`selfdock run true`, setuid / podman with runc",
      ratio("selfdock run, setuid", "podman"),
      "≤ 0.02",
      "0.01",
    ],
    [
      "a baked instance of `true` / C yardstick, rootless",
      ratio("selfdock, baked", "C yardstick, rootless"),
      "≤ 1.15",
      "1.0",
    ],
    ...(["setuid", "rootless"] as const).map((mode): Goal => [
      `the Bun path, ${mode} / ${floor}`,
      byBun(samples, mode),
      "≤ 1.25",
      "1.1",
    ]),
  ];
}

function rateGoals({ rows }: Section): readonly Goal[] {
  return ([1, 2] as const).map((row) => [
    `a shell's loop of \`selfdock run true\`, a second: ${rows[row]![0]}`,
    Number(rows[row]![1]),
    "> 200",
    "400",
  ]);
}

function mountGoals({ rows }: Section): readonly Goal[] {
  const most = rows.at(-1)!;
  const what = `a launch with ${most[0]} mounts / C yardstick there`;
  return [
    [`${what}, setuid`, Number(most[3]), "≤ 1.3", "1.1"],
    [`${what}, rootless`, Number(most[6]), "≤ 1.3", "1.1"],
  ];
}

function manyGoals({ alone, together, peak }: Many): readonly Goal[] {
  return [
    ["`batch -j 1` / C yardstick, rates", alone, "≥ 0.85", "0.95"],
    [
      "`batch`, as many as processors / `-j 1`, rates",
      together,
      "≥ 1.6",
      "1.9",
    ],
    ["peak memory that `batch --json` tells of `true`, MB", peak, "< 4", "2"],
  ];
}

function libraryGoals({ loop, peak }: Library): readonly Goal[] {
  return [
    [
      "the library's `run` in a loop / `batch -j 1`, rates",
      loop,
      "≥ 0.8",
      "0.95",
    ],
    ["peak memory that the library tells of `true`, MB", peak, "< 4", "2"],
  ];
}

function compileGoals(seconds: ReadonlyMap<string, number>): readonly Goal[] {
  const bare = seconds.get("no sandbox")!;
  return (["setuid", "rootless", "baked"] as const).map((mode) => [
    `configure and make, ${mode} / bare`,
    seconds.get(`selfdock, ${mode}`)! / bare,
    "≤ 1.15",
    "1.05",
  ]);
}

function summarize(goals: readonly Goal[]): Section {
  return {
    title: "What must be",
    head: ["what", "measured", "must be", "aim"],
    rows: goals.map(([what, measured, must, aim]) => [
      what,
      measured === undefined ? "not measured here" : show(measured),
      must,
      aim,
    ]),
  };
}

function show(value: number): string {
  return value < 0.1
    ? value.toFixed(3)
    : value < 10
      ? value.toFixed(2)
      : value.toFixed(0);
}

/** Bun's own start and the launch's own calls, without counting the command twice. */
function byBun(
  samples: ReadonlyMap<string, Sample>,
  mode: "setuid" | "rootless",
): number {
  const median = (name: string) => samples.get(name)!.median;
  const floor =
    median("empty Bun executable") +
    median(`C yardstick, ${mode}`) -
    median("/bin/true");
  return median(`selfdock run by Bun, ${mode}`) / floor;
}

function render(sections: readonly Section[]): string {
  const model = /^model name\s*: (.*)$/m.exec(
    readFileSync("/proc/cpuinfo", "latin1"),
  )?.[1];
  const machine = `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
  const tables = sections.map(({ title, head, rows }) => {
    const lines = [head, head.map(() => "---"), ...rows].map(
      (row) => `| ${row.join(" | ")} |`,
    );
    return `## ${title}\n\n${lines.join("\n")}\n`;
  });
  const intro = `# Results of \`npm run bench\`

${new Date().toISOString().slice(0, 10)}, ${machine}.

One run, the contenders in turn; whole processes from start to end. The yardstick
is C without a sandbox's options and messages (bench/yardstick); it starts glibc,
statically linked, which takes some of its time.
`;
  return [intro, ...tables].join("\n");
}

const shop = await openWorkshop();
process.on("SIGINT", () => process.exit(130));
process.on("exit", () => closeWorkshop(shop));
const text = await measure(shop);
console.log(text);
if (!quick) writeFileSync(join(import.meta.dirname, "RESULTS.md"), text);

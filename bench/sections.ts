/** The sections of the benchmark, each with its own table. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "pathe";
import { BUBBLEWRAP, rootContenders, userContenders } from "./contenders.ts";
import { timeProject } from "./compile.ts";
import { asUser, interleave, proportionalSize, rate } from "./measure.ts";
import type { Commands, Sample } from "./measure.ts";
import { run } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

/** How much of everything: `npm run bench`, or a look whether it works at all. */
export interface Size {
  readonly rounds: number;
  readonly loop: number;
  readonly many: readonly number[];
  readonly files: number;
}

export const WHOLE: Size = {
  rounds: 300,
  loop: 600,
  many: [1, 10, 100, 1000],
  files: 48,
};
export const QUICK: Size = { rounds: 5, loop: 10, many: [1, 3], files: 2 };

export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Start latency of `true`: the samples, and their table. */
export function measureLatency(
  shop: Workshop,
  { rounds }: Size,
): {
  samples: ReadonlyMap<string, Sample>;
  section: Section;
} {
  const samples = new Map([
    ...interleave(shop, userContenders(shop), { rounds }),
    ...interleave(shop, rootContenders(shop), {
      rounds: Math.ceil(rounds / 10),
      user: 0,
    }),
  ]);
  const base = samples.get("bubblewrap");
  const rows = [...samples.values()].map(
    ({ name, lower, median, upper, peak }) => [
      name,
      median.toFixed(2),
      `${lower.toFixed(2)} to ${upper.toFixed(2)}`,
      base === undefined ? "" : (median / base.median).toFixed(2),
      `${(peak / 1024).toFixed(1)} MB`,
    ],
  );
  const head = [
    "start of `true`",
    "median, ms",
    "quartiles",
    "of bubblewrap",
    "peak memory",
  ];
  return { samples, section: { title: "Start latency", head, rows } };
}

/** Starts a second, by jobs. */
export function measureRate(
  { selfdock, baked, yardstick, directory }: Workshop,
  { loop: count }: Size,
): Section {
  const lines: Commands = {
    "/bin/true": ["/bin/true"],
    "selfdock run, setuid": [selfdock.setuid, "run", "/bin/true"],
    "selfdock run, rootless": [selfdock.rootless, "run", "/bin/true"],
    "selfdock, baked": [baked.true],
    "C yardstick, rootless": [yardstick.rootless, "/bin/true"],
    bubblewrap: [...BUBBLEWRAP, "/bin/true"],
  };
  const jobs = [1, 2, 4, 8];
  const rows = Object.entries(lines).map(([name, words]) => [
    name,
    ...jobs.map((each) =>
      rate(words, { jobs: each, count, cwd: directory }).toFixed(0),
    ),
  ]);
  const head = [
    "starts a second of a shell",
    ...jobs.map((each) => `${each} at once`),
  ];
  return { title: "Rate", head, rows };
}

/** Memory of idle instances, and the latency of one more beside them. */
export async function measureIdle(
  shop: Workshop,
  { many, rounds }: Size,
): Promise<Section> {
  const rows: (string | number)[][] = [];
  for (const count of many) {
    const idle = Array.from({ length: count }, () =>
      Bun.spawn(
        [...asUser(), shop.selfdock.rootless, "run", "/bin/sleep", "600"],
        {
          cwd: "/",
          stdio: ["ignore", "ignore", "ignore"],
        },
      ),
    );
    await Bun.sleep(500 + 5 * count);
    const sizes = await Promise.all(
      idle.map(({ pid }) => proportionalSize(pid)),
    );
    const mean = sizes.reduce((sum, each) => sum + each, 0) / count;
    const commands = {
      selfdock: [shop.selfdock.rootless, "run", "/bin/true"],
      yardstick: [shop.yardstick.rootless, "/bin/true"],
    };
    const samples = interleave(shop, commands, {
      rounds: Math.ceil(rounds / 5),
    });
    for (const each of idle) each.kill("SIGKILL");
    await Promise.all(idle.map(({ exited }) => exited));
    rows.push([count, `${mean.toFixed(0)} kB`, ...pair(samples)]);
  }
  const head = ["idle instances", "Pss of selfdock in each", ...PAIR];
  return { title: "Beside running instances", head, rows };
}

function line(program: string, words: readonly string[]): readonly string[] {
  return [program, ...words, "/bin/true"];
}

const PAIR = ["selfdock, ms", "C yardstick, ms", "ratio"] as const;

function pair(samples: ReadonlyMap<string, Sample>): readonly string[] {
  const [own, yardstick] = [
    samples.get("selfdock")!.median,
    samples.get("yardstick")!.median,
  ];
  return [own.toFixed(2), yardstick.toFixed(2), (own / yardstick).toFixed(2)];
}

/** With so many more mounts on the host: half under one directory, half spread. */
export function measureMounts(shop: Workshop, { many, rounds }: Size): Section {
  const rows = [0, ...many.filter((count) => count >= 3)].map((count) => {
    const script = join(shop.directory, "mounts.sh");
    const place = join(shop.directory, "mounts");
    writeFileSync(
      script,
      `i=0
while [ $i -lt ${count} ]; do
  if [ $((i % 2)) = 0 ]; then d=${place}/one/$i; else d=${place}/spread/$i/deep; fi
  mkdir -p $d && mount -t tmpfs none $d || exit 1
  i=$((i+1))
done
exec "$@"
`,
    );
    const before = ["unshare", "-m", "sh", script];
    const commands = {
      selfdock: line(shop.selfdock.setuid, ["run"]),
      yardstick: line(shop.yardstick.setuid, []),
      "selfdock rootless": line(shop.selfdock.rootless, ["run"]),
      "yardstick rootless": line(shop.yardstick.rootless, []),
      ...(Bun.which("bwrap") === null
        ? {}
        : { bubblewrap: [...BUBBLEWRAP, "/bin/true"] }),
    };
    const samples = interleave(shop, commands, {
      rounds: Math.ceil(rounds / 5),
      before,
    });
    run(["rm", "-rf", place], "/");
    const rootless = new Map([
      ["selfdock", samples.get("selfdock rootless")!],
      ["yardstick", samples.get("yardstick rootless")!],
    ]);
    const peer = samples.get("bubblewrap")?.median.toFixed(2) ?? "";
    return [count, ...pair(samples), ...pair(rootless), peer];
  });
  const head = [
    "mounts besides the host's own",
    ...PAIR.map((each) => `setuid: ${each}`),
    ...PAIR.map((each) => `rootless: ${each}`),
    "bubblewrap, ms",
  ];
  return { title: "Many mounts", head, rows };
}

/** With so many `--map`. */
export function measureMaps(shop: Workshop, { many, rounds }: Size): Section {
  const source = join(shop.directory, "source");
  mkdirSync(source, { recursive: true });
  const rows = many.map((count) => {
    const maps = Array.from({ length: count }, (_, index) => [
      "-m",
      source,
      `/mnt/m${index}`,
    ]).flat();
    const binds = Array.from({ length: count }, (_, index) => [
      "--ro-bind",
      source,
      `/tmp/m${index}`,
    ]).flat();
    const commands = {
      selfdock: [shop.selfdock.rootless, ...maps, "run", "/bin/true"],
      ...(Bun.which("bwrap") === null
        ? {}
        : { bubblewrap: [...BUBBLEWRAP, ...binds, "/bin/true"] }),
    };
    const samples = interleave(shop, commands, {
      rounds: Math.ceil(rounds / 20),
    });
    return [
      count,
      samples.get("selfdock")!.median.toFixed(2),
      samples.get("bubblewrap")?.median.toFixed(2) ?? "",
    ];
  });
  return {
    title: "Many maps",
    head: ["`--map` options", "selfdock, ms", "bubblewrap, ms"],
    rows,
  };
}

/** Configure and make; seconds by compiler. */
export function measureCompile(
  shop: Workshop,
  { files }: Size,
): {
  seconds: ReadonlyMap<string, number>;
  section: Section;
} {
  const { directory, selfdock, baked } = shop;
  const compilers: Readonly<Record<string, string>> = {
    "no sandbox": "cc",
    "selfdock, setuid": `${selfdock.setuid} -v . . run cc`,
    "selfdock, rootless": `${selfdock.rootless} -v . . run cc`,
    "selfdock, baked": baked.cc,
    ...(Bun.which("bwrap") === null
      ? {}
      : {
          bubblewrap: `${BUBBLEWRAP.join(" ")} --bind ${directory}/project ${directory}/project cc`,
        }),
  };
  const times = new Map(
    Object.keys(compilers).map((name) => [name, [] as number[]]),
  );
  for (let round = 0; round < 3; round++)
    for (const [name, compiler] of Object.entries(compilers))
      times
        .get(name)!
        .push(timeProject(compiler, { directory, files, jobs: 2 }));
  const seconds = new Map(
    [...times].map(([name, each]) => [name, Math.min(...each)]),
  );
  const bare = seconds.get("no sandbox")!;
  const rows = [...seconds].map(([name, each]) => [
    name,
    each.toFixed(2),
    (each / bare).toFixed(2),
  ]);
  const head = [
    "configure and make, each compiler call in an instance",
    "best of 3, s",
    "of no sandbox",
  ];
  return { seconds, section: { title: "A C project", head, rows } };
}

/**
 * How long a start takes: whole processes, in turn (A B C A B C …), so that what
 * else the machine does falls on all alike. Prints medians, quartiles and the
 * ratio to bubblewrap, where it is installed. As root it starts the commands as
 * an ordinary user.
 *
 *     npm run bench [ROUNDS]
 */

import { join } from "pathe";

const ROUNDS = Number(process.argv[2] ?? 100);
const SELFDOCK = join(import.meta.dirname, "../dist/selfdock");
const AS_USER =
  process.getuid?.() === 0
    ? ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    : [];

const BUBBLEWRAP =
  "bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-pid /bin/true".split(
    " ",
  );

const CONTENDERS: Readonly<Record<string, readonly string[]>> = {
  "/bin/true": ["/bin/true"],
  ...(Bun.which("bwrap") === null ? {} : { bubblewrap: BUBBLEWRAP }),
  "selfdock run, rootless": [SELFDOCK, "run", "/bin/true"],
};

/** Milliseconds from start to end. */
function time(command: readonly string[]): number {
  const start = Bun.nanoseconds();
  const { exitCode } = Bun.spawnSync([...AS_USER, ...command], {
    stdio: ["ignore", "ignore", "inherit"],
    cwd: "/",
  });
  if (exitCode !== 0) throw new Error(`${command[0]} ended with ${exitCode}`);
  return (Bun.nanoseconds() - start) / 1e6;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

const times = new Map(
  Object.keys(CONTENDERS).map((name) => [name, [] as number[]]),
);
for (let round = -5; round < ROUNDS; round++)
  for (const [name, command] of Object.entries(CONTENDERS)) {
    const taken = time(command);
    if (round >= 0) times.get(name)!.push(taken); // the first ones warm up
  }

const sorted = new Map(
  [...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)]),
);
const reference = sorted.get("bubblewrap");
const base = reference === undefined ? null : quantile(reference, 0.5);
console.log(
  `${ROUNDS} rounds; milliseconds, the user's change of ids included`,
);
for (const [name, all] of sorted) {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) =>
    quantile(all, share),
  ) as [number, number, number];
  const ratio =
    base === null ? "" : `  ${(median / base).toFixed(2)} of bubblewrap`;
  console.log(
    `${name.padEnd(24)} ${median.toFixed(2).padStart(7)}  (${low.toFixed(2)}–${high.toFixed(2)})${ratio}`,
  );
}

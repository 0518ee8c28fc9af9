/**
 * How often a property is tried, and from which seed: SELFDOCK_RUNS and
 * SELFDOCK_SEED, which `npm test` and `npm run soak` set and print.
 */

const seed = Number(
  process.env["SELFDOCK_SEED"] ?? Math.floor(Math.random() * 2 ** 31),
);

/** For a property of which one run costs about `cost` times a parsed command line. */
export function countsFor(cost: number): { seed: number; numRuns: number } {
  const runs = Number(process.env["SELFDOCK_RUNS"] ?? 1000);
  return { seed, numRuns: Math.max(1, Math.floor(runs / cost)) };
}

/** Moments at random, the same ones for the same SELFDOCK_SEED. */

const SEED = process.env["SELFDOCK_SEED"] ?? `${Date.now() % 2 ** 31}`;

/** So many moments, one in each equal part of the time from 0 to `longest`, for the rule of this name. */
export function moments(
  name: string,
  rounds: number,
  longest: number,
): readonly number[] {
  console.log(`${name}: SELFDOCK_SEED=${SEED}`);
  return Array.from({ length: rounds }, (_, round) => {
    const part = Bun.hash.wyhash(`${SEED} ${name} ${round}`) % 1_000_000n;
    return ((round + Number(part) / 1e6) / rounds) * longest;
  });
}

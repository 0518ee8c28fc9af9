/** Which of many things a run of the tests takes: all of them in soak, a seeded part otherwise. */

export const SOAK = process.env["SELFDOCK_SOAK"] === "1";

export const SEED = Number(process.env["SELFDOCK_SEED"] ?? Date.now());

/** Every `stride`th, from an offset that the seed says; in soak all. */
export function choose<T>(all: readonly T[], stride: number): readonly T[] {
  if (SOAK) return all;
  const offset = SEED % stride;
  return all.filter((_, index) => index % stride === offset);
}

/** How many of `broken` steps must have closed the launch: else nothing is proven. */
export function leastClosed(broken: number): number {
  return SOAK ? broken / 5 : 1;
}

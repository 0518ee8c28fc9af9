/** What the ring's races report: a row for each, of attempts made and won. */

import { SOAK } from "./ring.ts";

/** How long and how often a race is tried. */
export const BOUNDS = SOAK
  ? { seconds: 3000, most: 10_000 }
  : { seconds: 4, most: 10_000 };

/** The harness must not end a race before its own bound. */
export const RACE_TIMEOUT = BOUNDS.seconds + 30;

let first = true;

/** Prints a row of the table of races. */
export function reportAttempts(
  race: string,
  against: string,
  counts: { readonly attempts: number; readonly won: number },
): void {
  const row = (cells: readonly (string | number)[]) =>
    console.log(
      `${String(cells[0]).padEnd(52)}${String(cells[1]).padEnd(12)}${String(cells[2]).padStart(10)}${String(cells[3]).padStart(8)}`,
    );
  if (first) row(["race", "against", "attempts", "won"]);
  first = false;
  row([race, against, counts.attempts, counts.won]);
}

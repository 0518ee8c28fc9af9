/** The ring's races: run in loops bounded by time, counted, and reported a row each. */

import { expect } from "bun:test";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attacker } from "./programs.ts";
import { SOAK } from "./ring.ts";

/** How long and how often a race is tried. */
export const BOUNDS = SOAK
  ? { seconds: 3000, most: 10_000 }
  : { seconds: 4, most: 10_000 };

let first = true;

/** Prints a row of the table of races. */
export function reportAttempts(
  name: string,
  against: string,
  counts: { readonly attempts: number; readonly won: number },
): void {
  const row = (cells: readonly (string | number)[]) =>
    console.log(
      `${String(cells[0]).padEnd(52)}${String(cells[1]).padEnd(12)}${String(cells[2]).padStart(10)}${String(cells[3]).padStart(8)}`,
    );
  if (first) row(["race", "against", "attempts", "won"]);
  first = false;
  row([name, against, counts.attempts, counts.won]);
}

/** A race: while two names are exchanged, a command is run that must not write NEEDLE. */
export interface Race {
  readonly name: string;
  readonly against: string;
  readonly needle: string;
  readonly exchange: readonly [string, string];
  readonly command: readonly string[];
  readonly options?: StartOptions;
  readonly seconds?: number;
}

/** Runs it within the bounds of this ring, and reports it. */
async function race({
  name,
  against,
  needle,
  exchange,
  command,
  options,
  seconds = BOUNDS.seconds,
}: Race) {
  const words = [
    attacker("race"),
    String(seconds),
    String(BOUNDS.most),
    needle,
    ...exchange,
    ...command,
  ];
  const result = await runOutside(words, { ...options, timeout: seconds + 30 });
  const counts = /^attempts (\d+) won (\d+) failed (\d+)$/m.exec(result.stdout);
  if (counts === null)
    throw new Error(`The race ended without counts: ${result.stderr}`);
  const [attempts, won, failed] = counts.slice(1).map(Number);
  reportAttempts(name, against, { attempts: attempts!, won: won! });
  return { attempts: attempts!, won: won!, failed: failed! };
}

/** The race is lost by selfdock at no attempt, of which there were enough. */
export async function expectNeverWon(each: Race): Promise<void> {
  const { attempts, won } = await race(each);
  expect(won).toBe(0);
  expect(attempts).toBeGreaterThan(SOAK ? 9_999 : 20);
}

/** The stand-in loses it at least once: the race is one. */
export async function expectWonOnce(
  each: Omit<Race, "against">,
): Promise<void> {
  const { won } = await race({ ...each, against: "stand-in", seconds: 2 });
  expect(won).toBeGreaterThan(0);
}

/** What `batch --json` tells. */

/** One line of it. */
export interface Told {
  readonly line: number;
  readonly status: number | null;
  readonly signal: string | null;
  readonly error: string | null;
  readonly timedOut: boolean;
  readonly launchMs: number | null;
  readonly timeMs: number | null;
  readonly peakBytes: number | null;
}

export function parseResults(text: string): readonly Told[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

/** What became of one line, and of all of them. */

import type { SelfdockError } from "../../plan/error.ts";
import type { Tally } from "../../plan/batch/tally.ts";
import type { Ending } from "../many/read-ending.ts";

export interface BatchResult {
  /** The number of the line, from 1 on. */
  readonly line: number;
  /** How the command has ended; null if there was none, or it is not known. */
  readonly ending: Ending | null;
  /** Why there was none, or it is not known. */
  readonly error: SelfdockError | null;
  /** It was killed because it took too long. */
  readonly late: boolean;
}

/** Has it failed? */
export function hasFailed({ ending, error, late }: BatchResult): boolean {
  return error !== null || late || ending?.status !== 0;
}

/** Where the batch is. */
export interface Standing {
  readonly tally: Tally;
  readonly running: number;
  /** Milliseconds since it began. */
  readonly time: number;
}

/** How a batch is told about: texts for standard output and standard error. */
export interface Reporter {
  readonly ended: (result: BatchResult) => { output: string; message: string };
  /** A line for a terminal, without its end; null where there is no terminal. */
  readonly progress: ((standing: Standing) => string) | null;
  readonly summary: (standing: Standing) => string;
}

/** A line on the terminal that tells how far an import is. */

import { inForeground } from "../launch/foreground.ts";
import { NO_PROGRESS_LINE, renderProgressLine } from "../plan/progress-line.ts";
import { writeMessage } from "./output.ts";

export interface ProgressLine {
  /** So many bytes more have been read, of so many in all (null if nobody knows); another number begins anew. */
  readonly add: (size: number, total: number | null) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

const EVERY_MS = 100;
const BAR = 30;
const MIB = 2 ** 20;

/** Nothing is written where there is no terminal. */
export function makeProgress(terminal: boolean): ProgressLine {
  let [done, last, shown] = [0, 0, false];
  let all: number | null = null;
  return {
    add: (size, total) => {
      if (total !== all) done = 0;
      all = total;
      done += size;
      const now = performance.now();
      if (!terminal || now - last < EVERY_MS) return;
      last = now;
      if (!inForeground()) return;
      shown = true;
      writeMessage(renderProgressLine(renderProgress(done, total)));
    },
    end: () => {
      if (shown) writeMessage(NO_PROGRESS_LINE);
      shown = false;
    },
  };
}

function renderProgress(done: number, total: number | null): string {
  const read = `${Math.floor(done / MIB)} MiB`;
  if (total === null || total === 0) return `selfdock: importing, ${read}`;
  const part = Math.min(1, done / total);
  const bar = "#".repeat(Math.round(part * BAR)).padEnd(BAR, ".");
  return `selfdock: importing [${bar}] ${read} of ${Math.ceil(total / MIB)}`;
}

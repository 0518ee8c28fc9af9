/** Signals by the names that kill(1) prints. */

import { SIGNAL } from "../../syscalls/constants/signals.table.ts";

/** `TERM`; a number where it has no name. */
export function signalName(number: number): string {
  const found = Object.entries(SIGNAL).find(([, each]) => each === number);
  return found?.[0] ?? String(number);
}

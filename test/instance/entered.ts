/** Instances to enter. */

import type { Mode } from "../harness/modes.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import type { Running } from "../harness/run.ts";

/** An instance whose command runs. */
export async function started(
  mode: Mode,
  words: readonly string[],
  user = 1000,
): Promise<Running> {
  const running = mode.start(words, { user });
  await waitUntil("the command runs", () =>
    descendants(running.pid).some(
      (pid) => statusField(pid, "Name") === "sleep",
    ),
  );
  return running;
}

/** Its process with this name inside. */
export function inside({ pid }: Running, name = "sleep"): number {
  return descendants(pid).find((each) => statusField(each, "Name") === name)!;
}

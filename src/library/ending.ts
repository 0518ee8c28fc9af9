/** Waits for the end of an instance, and sees to it that there is one in time. */

import { usageError } from "../commands/usage-error.ts";
import type { CommandOptions, Ended } from "../selfdock.d.ts";
import type { Started } from "./fleet.ts";
import { nameSignal, SIGKILL } from "./result.ts";

/** What the kernel takes for a timer: 2^31 - 1 milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * How it has ended. Throws a SelfdockError if there was no command, and the
 * signal's reason if it was aborted. `sent` tells a signal that ends pid 1 in
 * the place of another, which its kernel would not let it die of.
 */
export async function awaitEnding(
  started: Started,
  { signal, timeout }: Pick<CommandOptions, "signal" | "timeout">,
  sent: () => number | null = () => null,
): Promise<Ended> {
  let late = false;
  const kill = (): void => started.kill();
  const timer =
    timeout === undefined
      ? null
      : setTimeout(() => {
          late = true;
          kill();
        }, timeout);
  signal?.addEventListener("abort", kill, { once: true });
  if (signal?.aborted === true) kill();
  try {
    const ending = await started.ended;
    signal?.throwIfAborted();
    if (ending.error !== null) throw ending.error;
    const number =
      ending.signal === SIGKILL ? (sent() ?? SIGKILL) : ending.signal;
    return {
      status: ending.status,
      signal: number === null ? null : nameSignal(number),
      timedOut: late && ending.signal === SIGKILL,
      times: {
        start: ending.launch,
        wall: ending.time,
        user: ending.user,
        system: ending.system,
      },
      peakMemory: ending.peak,
    };
  } finally {
    if (timer !== null) clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
}

/** To be called before anything is started. */
export function checkTimeout({
  timeout = 0,
}: Pick<CommandOptions, "timeout">): void {
  if (timeout >= 0 && timeout <= LONGEST) return;
  throw usageError(
    `Cannot use ${timeout} as timeout: it is no number of milliseconds from 0 to ${LONGEST}`,
    "without timeout a command may take for ever",
  );
}

/**
 * The queue of those who want an instance: in each turn of the event loop one is
 * started, since to open a spawner for it may take as long as a launch. So a
 * program that asks for a thousand at once goes on meanwhile.
 */

/** Somebody has had this turn of the loop. */
let taken = false;
const waiting = new Set<() => void>();

/** Whether this turn was still there; it is the caller's then. */
export function takeTurn(): boolean {
  if (taken) return false;
  taken = true;
  setImmediate(next);
  return true;
}

/** Does it in a later turn, in the order of the calls; whose signal aborts before that does nothing at all. */
export function awaitTurn<T>(
  action: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const begin = (): void => {
    signal?.removeEventListener("abort", leave);
    try {
      resolve(action());
    } catch (error) {
      reject(error);
    }
  };
  const leave = (): void => {
    waiting.delete(begin);
    reject(signal?.reason);
  };
  signal?.addEventListener("abort", leave, { once: true });
  waiting.add(begin);
  return promise;
}

function next(): void {
  const [first] = waiting;
  taken = first !== undefined;
  if (first === undefined) return;
  setImmediate(next);
  waiting.delete(first);
  first();
}

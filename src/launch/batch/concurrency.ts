/** How much of a batch happens at once. */

import { availableParallelism } from "node:os";
import type { BatchRequest } from "../../plan/batch/batch-request.ts";

export interface Concurrency {
  /** So many commands run at once. */
  readonly most: number;
  /** So many instances more are made meanwhile, whose commands wait for a turn. */
  readonly ahead: number;
}

/**
 * As many ahead as there are processors, so that none is idle while others wait.
 * One after another means that nothing of the next begins before all of the last
 * has gone; who stops on a failure wants nothing begun that is not to run; and of
 * an instance that waits it is not known when its command begins, for a timeout.
 */
export function concurrencyOf(batch: BatchRequest): Concurrency {
  const processors = availableParallelism();
  const most = batch.jobs ?? processors;
  const none = most === 1 || batch.stopOnFailure || batch.seconds !== null;
  return { most, ahead: none ? 0 : Math.min(most, processors) };
}

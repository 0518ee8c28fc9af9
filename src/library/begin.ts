/**
 * How a command is started: within the call if it is the first in this turn of
 * the event loop; else in a later one, with everything as it was at the call.
 */

import type { Bytes } from "../plan/bytes.ts";
import type { Fleet, Started } from "./fleet.ts";
import { awaitTurn, takeTurn } from "./queue.ts";
import { holdDescriptors, openStreams } from "./stdio.ts";
import type { Kinds, Streams } from "./stdio.ts";

/** What is wanted. */
export interface Wish {
  readonly argv: readonly Bytes[];
  readonly kinds: Kinds;
  /** Whether `begun` is wanted, which costs a message. */
  readonly tellBeginning: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What has been started, and our ends of its pipes. */
export interface Begun {
  readonly started: Started;
  readonly own: Streams["own"];
}

/** Starts it. Throws the signal's reason if that aborts before there is an instance. */
export async function begin(fleet: Fleet, wish: Wish): Promise<Begun> {
  const { argv, kinds, tellBeginning, signal } = wish;
  signal?.throwIfAborted();
  const { keepDescriptors } = fleet.request;
  const order = { argv, tellBeginning, ...fleet.look() };
  const start = (given: Kinds, kept: readonly number[]): Begun => {
    const streams = openStreams(given);
    const descriptors = { stdio: streams.given, keepDescriptors: kept };
    try {
      const started = fleet.start({ ...order, ...descriptors });
      streams.closeGiven();
      return { started, own: streams.own };
    } catch (error) {
      streams.closeAll();
      throw error;
    }
  };
  if (takeTurn()) return start(kinds, keepDescriptors);
  const done = fleet.use();
  try {
    const held = holdDescriptors(kinds, keepDescriptors);
    try {
      return await awaitTurn(() => start(held.kinds, held.kept), signal);
    } finally {
      held.close();
    }
  } finally {
    done();
  }
}

/** Everything that a command writes into a pipe. */

import { readEnd } from "./streams.ts";

/**
 * All processes of an instance end with it, and what they have written is in
 * the pipe then. Whoever else holds its other end (handed out through a socket)
 * is given so many milliseconds, lest a command could keep its caller waiting.
 */
const PATIENCE = 100;

/** What is being collected. */
export interface Collection {
  /** Once the instance has ended: all of it. */
  finish(): Promise<Uint8Array>;
  /** It is not wanted any more. */
  discard(): void;
}

/** Collects from the read end of a pipe, which it owns. */
export function collect(descriptor: number): Collection {
  const { stream, close } = readEnd(descriptor);
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let over = false;
  const readAll = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
    }
    over = true;
  };
  const whole = readAll();
  const stop = (): void => {
    // The reader may wait for a pipe that nobody will write to.
    reader.cancel().catch(() => {});
    close();
  };
  return {
    async finish() {
      if (!over) await Promise.race([whole, pause(PATIENCE)]);
      if (!over) stop();
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    },
    discard: stop,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Everything that a command writes into its pipes. */

import { closeSync } from "node:fs";
import { drainPipe } from "../launch/drain-pipe.ts";
import { readEnd } from "./streams.ts";

/**
 * Most commands have ended before it is worth while to watch their pipes; what
 * they have written is read then. Milliseconds.
 */
const SOON = 2;
/**
 * All processes of an instance end with it, and what they have written is in
 * the pipe then. Whoever else holds its other end (handed out through a socket)
 * is given so many milliseconds, lest a command could keep its caller waiting.
 */
const PATIENCE = 100;

/** What is being collected. */
export interface Collection {
  /** Once the instance has ended: all of it, in the order of the pipes. */
  finish(): Promise<readonly Uint8Array[]>;
  /** It is not wanted any more. */
  discard(): void;
}

/** Collects from the read ends of pipes, which it owns; null is an end that there is not. */
export function collect(descriptors: readonly (number | null)[]): Collection {
  let readings: readonly (Reading | null)[] | null = null;
  const start = (): void => {
    readings = descriptors.map((each) => (each === null ? null : read(each)));
  };
  const timer = setTimeout(start, SOON);
  return {
    finish() {
      clearTimeout(timer);
      if (readings === null)
        return Promise.resolve(descriptors.map(readAtOnce));
      return Promise.all(
        readings.map(async (each) => (await each?.finish()) ?? NOTHING),
      );
    },
    discard() {
      clearTimeout(timer);
      for (const [at, descriptor] of descriptors.entries()) {
        if (readings !== null) readings[at]?.stop();
        else if (descriptor !== null) closeSync(descriptor);
      }
    },
  };
}

const NOTHING = new Uint8Array(0);

function readAtOnce(descriptor: number | null): Uint8Array {
  if (descriptor === null) return NOTHING;
  const pieces = drainPipe(descriptor);
  closeSync(descriptor);
  return join(pieces);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** One pipe that is read while its command runs. */
interface Reading {
  finish(): Promise<Uint8Array>;
  stop(): void;
}

function read(descriptor: number): Reading {
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
      return join(chunks);
    },
    stop,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

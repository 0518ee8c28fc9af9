/** Reading what is in a pipe now, without waiting: its read end is ours alone, and non-blocking. */

import { readChunk } from "./batch/descriptor-calls.ts";

/** All of it, in pieces. */
export function drainPipe(descriptor: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = readChunk(descriptor);
    if (typeof piece === "number" || piece.length === 0) return pieces;
    pieces.push(piece.slice());
  }
}

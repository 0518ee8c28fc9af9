/** Reads a descriptor in chunks: all of it, with places passed over where that can be, or a section. */

import { fstatSync, readFileSync, readSync } from "node:fs";
import { awaitInput } from "./await-input.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";

/** A part of what a descriptor has. */
export interface Section {
  readonly descriptor: number;
  readonly offset: number;
  readonly size: number;
}

const CHUNK = 2 ** 18;
const LONGEST_WAIT = 50;

/** Told how many bytes more have been read, of how many in all if that can be known. */
export type Progress = (size: number, total: number | null) => void;

/** A descriptor from where it stands to its end. */
export class WholeInput implements Iterable<Uint8Array> {
  readonly descriptor: number;
  /** Where it stood, for a regular file; null for what cannot be read twice. */
  readonly start: number | null;
  readonly #size: number;
  readonly #progress: Progress;
  #at: number;

  constructor(descriptor: number, progress: Progress) {
    const status = fstatSync(descriptor);
    this.descriptor = descriptor;
    this.start = status.isFile() ? positionOf(descriptor) : null;
    this.#size = status.size;
    this.#at = this.start ?? 0;
    this.#progress = progress;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (;;) {
      const position = this.start === null ? null : this.#at;
      const chunk = readSome(this.descriptor, CHUNK, position);
      if (chunk.length === 0) return;
      this.#at += chunk.length;
      this.#progress(chunk.length, this.start === null ? null : this.#size);
      yield chunk;
    }
  }

  /** Passes over what comes next; how much of it that was. */
  skip(size: number): number {
    if (this.start === null) return 0;
    const skipped = Math.min(size, Math.max(0, this.#size - this.#at));
    this.#at += skipped;
    return skipped;
  }
}

/** proc(5): node:fs has no lseek. */
function positionOf(descriptor: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
  return Number(/^pos:\t([0-9]+)$/m.exec(text)?.[1] ?? 0);
}

export function* readSection(
  { descriptor, offset, size }: Section,
  read: (size: number) => void,
): Generator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = readSome(descriptor, Math.min(CHUNK, size - at), offset + at);
    if (chunk.length === 0)
      throw refuseArchive("the archive ends in the middle");
    at += chunk.length;
    read(chunk.length);
    yield chunk;
  }
}

function readSome(
  descriptor: number,
  size: number,
  position: number | null,
): Uint8Array {
  const chunk = Buffer.allocUnsafe(size);
  awaitInput(descriptor, position === null);
  for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      return chunk.subarray(0, readSync(descriptor, chunk, 0, size, position));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EINTR") continue;
      if (code !== "EAGAIN") throw refuseArchive(`it cannot be read (${code})`);
      // Somebody's pipe that does not block: wait as a blocking one would.
      Bun.sleepSync(wait);
    }
  }
}

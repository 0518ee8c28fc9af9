/**
 * What a command writes to one of its streams, kept until it has ended: a little
 * of it here, more in a file in memory. A pipe, so that everything works as it
 * does in a shell's pipeline.
 */

import {
  closeDescriptor,
  makeMemoryFile,
  makePipe,
  readChunk,
  writeChunk,
} from "./descriptor-calls.ts";

/** So much is kept without a file. */
const SMALL = 65_536;
/** Readings at the end of a command: more than the largest pipe holds. Whoever writes then is none of the instance. */
const LAST_READINGS = 32;

export class CapturedStream {
  /** Our end of the pipe. */
  readonly descriptor: number;
  /**
   * The command's end. It stays open here: so the end of the command is no event
   * of the pipe, and nobody is woken for it but by the end of the instance.
   */
  readonly other: number;
  #small: Uint8Array[] = [];
  #size = 0;
  #file = -1;
  #lost = false;

  /** Null if there is no room for one more. */
  static open(): CapturedStream | number {
    const ends = makePipe();
    return typeof ends === "number" ? ends : new CapturedStream(ends);
  }

  private constructor({ read, write }: { read: number; write: number }) {
    this.descriptor = read;
    this.other = write;
  }

  /** Takes what is there: false if there was nothing. */
  take(): boolean {
    const chunk = readChunk(this.descriptor);
    if (typeof chunk === "number") return false;
    if (this.#lost) return true;
    this.#size += chunk.length;
    if (this.#file < 0 && this.#size > SMALL) this.#spill();
    if (this.#lost) return true;
    if (this.#file < 0) this.#small.push(chunk.slice());
    else if (!writeAll(this.#file, chunk)) this.#lose();
    return true;
  }

  /** Takes the rest, once the instance has ended. */
  finish(): Captured {
    for (let left = LAST_READINGS; left > 0 && this.take(); left--);
    closeDescriptor(this.descriptor);
    closeDescriptor(this.other);
    const [small, file, size] = [this.#small, this.#file, this.#size];
    return { small, file, size, lost: this.#lost };
  }

  #spill(): void {
    this.#file = makeMemoryFile();
    const fine =
      this.#file >= 0 &&
      this.#small.every((each) => writeAll(this.#file, each));
    this.#small = [];
    if (!fine) this.#lose();
  }

  /** There is no memory for it: none of it is kept. */
  #lose(): void {
    if (this.#file >= 0) closeDescriptor(this.#file);
    [this.#small, this.#file, this.#size] = [[], -1, 0];
    this.#lost = true;
  }
}

/** All of it: in pieces, or from the beginning of a file, whose owner is whoever has this. */
export interface Captured {
  readonly small: readonly Uint8Array[];
  /** Negative: there is none. */
  readonly file: number;
  readonly size: number;
  /** There was no memory for it. */
  readonly lost: boolean;
}

function writeAll(file: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const written = writeChunk(file, bytes.subarray(at));
    if (written <= 0) return false;
    at += written;
  }
  return true;
}

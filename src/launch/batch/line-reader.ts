/** Splits an input into lines as it comes; it holds one line at most, and what one reading has given. */

import { bytesFrom } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";

/** Longer than the kernel takes as the arguments of a program. */
const LONGEST = 4 * 2 ** 20;

/** One line, by its number from 1 on; null if it is too long. */
export interface NumberedLine {
  readonly number: number;
  readonly text: Bytes | null;
}

export class LineReader {
  readonly #end: number;
  #number = 0;
  #lines: NumberedLine[] = [];
  #next = 0;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** The byte that ends a line. */
  constructor(end: number) {
    this.#end = end;
  }

  /** Takes what was read; none is the end of the input. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(this.#end, start);
      if (end < 0) break;
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    if (chunk.length === 0 && this.#size > 0) this.#finish();
  }

  /** The next line, or null if more must be read for it. */
  take(): NumberedLine | null {
    const line = this.#lines[this.#next];
    if (line === undefined) return null;
    this.#next += 1;
    if (this.#next === this.#lines.length) [this.#lines, this.#next] = [[], 0];
    return line;
  }

  /** Of one that is too long only its size. */
  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > LONGEST) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(bytes.slice());
  }

  #finish(): void {
    this.#number += 1;
    const text =
      this.#size > LONGEST ? null : bytesFrom(Buffer.concat(this.#parts));
    this.#lines.push({ number: this.#number, text });
    [this.#parts, this.#size] = [[], 0];
  }
}

/** Bytes as they come, in chunks of any size, taken in pieces of any size. Memory: one chunk. */

import { refuseArchive } from "../../plan/image/refusal.ts";

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  readonly #skip: (size: number) => number;
  #at = 0;
  #taken = 0;

  /** `skip` passes over some or all of what comes behind the chunks so far. */
  constructor(chunks: Chunks, skip: (size: number) => number = () => 0) {
    this.#skip = skip;
    this.#chunks =
      Symbol.asyncIterator in chunks
        ? chunks[Symbol.asyncIterator]()
        : chunks[Symbol.iterator]();
  }

  /** How many bytes have been taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether there is another byte. */
  async more(): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return true;
  }

  /** The next bytes, valid until the next call; all of them, or it is an error. */
  async take(size: number): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at >= size) return this.#step(size);
    const all = Buffer.alloc(size);
    let filled = 0;
    await this.pass(size, (piece) => {
      all.set(piece, filled);
      filled += piece.length;
    });
    return all;
  }

  /** At most so many bytes, without taking them; fewer only at the end. */
  async peek(size: number): Promise<Uint8Array> {
    while (this.#chunk.length - this.#at < size) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      const rest = this.#chunk.subarray(this.#at);
      this.#chunk = Buffer.concat([rest, next.value]);
      this.#at = 0;
    }
    return this.#chunk.subarray(this.#at, this.#at + size);
  }

  /** Hands over the next `size` bytes piece by piece. */
  async pass(size: number, sink: (piece: Uint8Array) => void): Promise<void> {
    for (let left = size; left > 0;) {
      if (this.#at === this.#chunk.length && !(await this.more()))
        throw refuseArchive("the archive ends in the middle");
      const piece = this.#step(Math.min(left, this.#chunk.length - this.#at));
      sink(piece);
      left -= piece.length;
    }
  }

  /** Passes over the next `size` bytes. */
  async skip(size: number): Promise<void> {
    const here = Math.min(size, this.#chunk.length - this.#at);
    this.#step(here);
    const skipped = this.#skip(size - here);
    this.#taken += skipped;
    await this.pass(size - here - skipped, () => {});
  }

  /** Everything that is left, as chunks. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (await this.more()) yield this.#step(this.#chunk.length - this.#at);
  }

  #step(size: number): Uint8Array {
    this.#at += size;
    this.#taken += size;
    return this.#chunk.subarray(this.#at - size, this.#at);
  }
}

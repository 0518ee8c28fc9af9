/** The memory of the model: nothing is where the real one has it, and what lies outside is an error. */

/** A simulated memory: pieces far apart, so that no stray access hits another. */
export class Memory {
  readonly #pieces: { readonly base: bigint; readonly bytes: Uint8Array }[] =
    [];

  /** Adds a piece and gives its address. */
  add(bytes: Uint8Array): bigint {
    const base = BigInt(this.#pieces.length + 1) << 40n;
    this.#pieces.push({ base, bytes });
    return base;
  }

  /** The bytes at an address. Throws RangeError where there are none. */
  at(address: bigint, size: number): Uint8Array {
    const piece = this.#pieces[Number(address >> 40n) - 1];
    const start = Number(address & ((1n << 40n) - 1n));
    if (piece === undefined || start + size > piece.bytes.length)
      throw new RangeError(`${size} bytes at ${address} are outside`);
    return piece.bytes.subarray(start, start + size);
  }

  read(address: bigint, size: number): bigint {
    return this.at(address, size).reduceRight(
      (value, byte) => (value << 8n) | BigInt(byte),
      0n,
    );
  }

  write(address: bigint, size: number, value: bigint): void {
    const bytes = this.at(address, size);
    for (let i = 0; i < size; i++)
      bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
}

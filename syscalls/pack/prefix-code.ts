/**
 * Prefix codes: a symbol takes the fewer bits the more frequent it is. Codes are
 * canonical, so that the lengths tell all: shorter ones come first, and those of
 * one length in the order of their symbols.
 */

/** So many bits at most: the unpacker has an entry for each of their values. */
export const LONGEST_CODE = 10;

/** A byte of a code's description: so many symbols (less one) have codes of that length, or none. */
export const RUN = { lengthShift: 4, most: 16 } as const;

/** How a symbol is written; `length` is 0 where it never is. */
export interface Code {
  readonly length: number;
  readonly bits: number;
}

/** A symbol's row, or several of them, with how often they occur. */
interface Package {
  readonly weight: number;
  readonly symbols: readonly number[];
}

/** The lengths of the best code; package-merge. At least two symbols get one: the code is complete. */
export function codeLengths(counts: readonly number[]): readonly number[] {
  const used = counts.filter((count) => count > 0).length;
  const single = counts
    .map((weight, symbol) => ({ weight, symbols: [symbol] }))
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, Math.max(used, 2))
    .toSorted(byWeight);
  let packages: readonly Package[] = single;
  for (let length = 1; length < LONGEST_CODE; length++)
    packages = [...single, ...inPairs(packages)].toSorted(byWeight);
  const lengths = counts.map(() => 0);
  for (const { symbols } of packages.slice(0, 2 * single.length - 2))
    for (const symbol of symbols) lengths[symbol]! += 1;
  return lengths;
}

function byWeight(a: Package, b: Package): number {
  return a.weight - b.weight;
}

function inPairs(packages: readonly Package[]): readonly Package[] {
  return Array.from({ length: packages.length >> 1 }, (_, index) => {
    const [a, b] = [packages[2 * index]!, packages[2 * index + 1]!];
    return {
      weight: a.weight + b.weight,
      symbols: [...a.symbols, ...b.symbols],
    };
  });
}

/** The codes of these lengths. */
export function canonicalCodes(lengths: readonly number[]): readonly Code[] {
  const codes: Code[] = lengths.map((length) => ({ length, bits: 0 }));
  let next = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    next <<= 1;
    for (const [symbol, each] of lengths.entries())
      if (each === length) codes[symbol] = { length, bits: next++ };
  }
  return codes;
}

/** The lengths as the unpacker reads them: see RUN. */
export function describeCode(lengths: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  const end = lengths.findLastIndex((length) => length > 0) + 1;
  for (let at = 0; at < end;) {
    const length = lengths[at]!;
    let run = 1;
    while (run < RUN.most && at + run < end && lengths[at + run] === length)
      run += 1;
    bytes.push((length << RUN.lengthShift) | (run - 1));
    at += run;
  }
  return Uint8Array.from(bytes);
}

/** Puts bits in a row, the high ones first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #rest = 0;
  #count = 0;

  /** The low `length` bits; at most 16. */
  add(bits: number, length: number): void {
    this.#rest = (this.#rest << length) | bits;
    this.#count += length;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#bytes.push((this.#rest >> this.#count) & 0xff);
    }
    this.#rest &= (1 << this.#count) - 1;
  }

  /** All of them, with zeros up to a whole byte. */
  finish(): Uint8Array {
    if (this.#count > 0) this.add(0, 8 - this.#count);
    return Uint8Array.from(this.#bytes);
  }
}

/** Which tokens take the fewest bits, when it is known what each symbol takes. */

import {
  bitsOf,
  FARTHEST,
  LONGEST,
  restOf,
  SHORTEST,
  SYMBOL,
} from "./tokens.ts";
import type { Copy, Token } from "./tokens.ts";

/** How many places with the same first bytes are looked at. */
const CANDIDATES = 64;
/** By how much at most a copy is made shorter than it could be. */
const WORTH_SHORTENING = 16;

/** All the bytes, where the streams begin and the last ends, and the copies that are possible. */
export interface Known {
  readonly whole: Uint8Array;
  readonly bounds: readonly number[];
  readonly copies: readonly (readonly Copy[])[];
}

/** For each place the longest copies, each from nearer by than the next; none goes beyond the next bound. */
export function findCopies(
  whole: Uint8Array,
  bounds: readonly number[],
): readonly (readonly Copy[])[] {
  const places = new Map<number, number[]>();
  return Array.from({ length: whole.length }, (_, at) => {
    const end = bounds.find((bound) => bound > at)!;
    if (at + SHORTEST > whole.length) return [];
    const start = whole[at]! | (whole[at + 1]! << 8);
    const before = places.get(start) ?? [];
    const most = Math.min(LONGEST, end - at);
    const wanted = at >= bounds[0]! && most >= SHORTEST;
    const found = wanted ? copiesFrom(whole, before, [at, most]) : [];
    before.push(at);
    places.set(start, before);
    return found;
  });
}

function copiesFrom(
  whole: Uint8Array,
  places: readonly number[],
  [at, most]: readonly [number, number],
): readonly Copy[] {
  const found: Copy[] = [];
  let longest = SHORTEST - 1;
  const last = Math.max(places.length - CANDIDATES, 0);
  for (let index = places.length - 1; index >= last; index--) {
    const distance = at - places[index]!;
    if (longest === most || distance > FARTHEST) break;
    const length = commonLength(whole, [places[index]!, at], most);
    if (length <= longest) continue;
    longest = length;
    found.push({ length, distance });
  }
  return found;
}

function commonLength(
  whole: Uint8Array,
  [place, at]: readonly [number, number],
  most: number,
): number {
  let length = 0;
  while (length < most && whole[place + length] === whole[at + length])
    length += 1;
  return length;
}

/** The best row of tokens up to each place: its costs, its last token, and the last distance. */
class Ways {
  readonly #costs: Float64Array;
  readonly #lengths: Int32Array;
  readonly #distances: Int32Array;
  readonly #last: Int32Array;
  /** What each length takes. */
  readonly #long: readonly number[];

  constructor(size: number, symbols: readonly number[]) {
    this.#costs = new Float64Array(size + 1).fill(Infinity, 1);
    this.#lengths = new Int32Array(size + 1);
    this.#distances = new Int32Array(size + 1);
    this.#last = new Int32Array(size + 1);
    this.#long = Array.from({ length: LONGEST + 1 }, (_, length) => {
      const value = Math.max(length - SHORTEST, 0);
      return symbols[SYMBOL.copy + bitsOf(value)]! + restOf(value);
    });
  }

  /** The last distance of the way to a place. */
  lastAt(at: number): number {
    return this.#last[at]!;
  }

  /** Goes on by one new byte. */
  addByte(at: number, cost: number): void {
    this.#offer(at, 1, cost, 0);
  }

  /** Goes on by a copy of each of the lengths; distance 0 is the last one again. */
  addCopies(
    at: number,
    [least, most]: readonly [number, number],
    { distance, cost }: { distance: number; cost: number },
  ): void {
    const first = Math.max(least, most - WORTH_SHORTENING);
    for (let length = first; length <= most; length++)
      this.#offer(at, length, cost + this.#long[length]!, distance);
  }

  /** The last token of the way to a place: how many bytes it is, and its distance. */
  tokenBefore(at: number): Copy {
    return { length: this.#lengths[at]!, distance: this.#distances[at]! };
  }

  #offer(at: number, length: number, more: number, distance: number): void {
    const cost = this.#costs[at]! + more;
    const to = at + length;
    if (cost >= this.#costs[to]!) return;
    this.#costs[to] = cost;
    this.#lengths[to] = length;
    this.#distances[to] = distance;
    this.#last[to] = distance === 0 ? this.#last[at]! : distance;
  }
}

/** From each place the best way goes on to all that a token leads to. */
export function tokensBetween(
  { whole, copies }: Known,
  [first, end]: readonly [number, number],
  {
    symbols,
    distances,
  }: { symbols: readonly number[]; distances: readonly number[] },
): readonly Token[] {
  const ways = new Ways(end - first, symbols);
  for (let at = first; at < end; at++) {
    const place = at - first;
    ways.addByte(place, symbols[whole[at]!]!);
    let least = SHORTEST;
    for (const { length, distance } of copies[at]!) {
      const cost = distances[bitsOf(distance)]! + restOf(distance);
      ways.addCopies(place, [least, length], { distance, cost });
      least = length + 1;
    }
    const last = ways.lastAt(place);
    if (last === 0) continue;
    const most = Math.min(LONGEST, end - at);
    const length = commonLength(whole, [at - last, at], most);
    const cost = distances[0]!;
    ways.addCopies(place, [SHORTEST, length], { distance: 0, cost });
  }
  const tokens: Token[] = [];
  for (let at = end; at > first;) {
    const token = ways.tokenBefore(at - first);
    at -= token.length;
    tokens.push(token.length === 1 ? whole[at]! : token);
  }
  return tokens.toReversed();
}

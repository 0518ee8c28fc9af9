/**
 * Writes bytes as a row of tokens: new bytes, and copies of what stands before.
 * In the way of deflate: what is frequent takes few bits, and how frequent all
 * is stands before the tokens.
 */

import type { Packed } from "./pack.ts";
import {
  BitWriter,
  canonicalCodes,
  codeLengths,
  describeCode,
} from "./prefix-code.ts";
import type { Code } from "./prefix-code.ts";

/**
 * A symbol below `copy` is a new byte. From there on it is the first part of a
 * copy's length less SHORTEST; the distance follows in a code of its own, where
 * 0 is the last one again. A number's first part is how many bits it has; then
 * come those below its highest.
 */
export const SYMBOL = { copy: 256, lengths: 10, distances: 17 } as const;

/** The fewest bytes that a copy is worth. */
export const SHORTEST = 2;
const LONGEST = SHORTEST + (1 << (SYMBOL.lengths - 1)) - 1;
const FARTHEST = (1 << (SYMBOL.distances - 1)) - 1;
/** How many places with the same first bytes are looked at. */
const CANDIDATES = 64;
/** How often the tokens are chosen anew, for the codes that the last choice led to. */
const ROUNDS = 4;
/** What a symbol is thought to take that was not chosen; bits. */
const RARE = 12;

/** What compressed bytes are made of. */
export interface Compressed {
  /** How the codes of symbols and of distances are described. */
  readonly codes: readonly [symbols: Uint8Array, distances: Uint8Array];
  /** The tokens of each part, which begin with a whole byte. */
  readonly parts: readonly [soon: Uint8Array, late: Uint8Array];
}

/** A copy that is possible at some place. */
interface Copy {
  readonly length: number;
  readonly distance: number;
}

/** How often each symbol is, or how many bits it takes. */
interface PerSymbol {
  readonly symbols: readonly number[];
  readonly distances: readonly number[];
}

/** A new byte, or a copy. */
type Token = number | Copy;

/** Both parts, one behind the other; `known` stands before them when they are read. */
export function compress(
  [soon, late]: Packed["parts"],
  known: Uint8Array,
): Compressed {
  const whole = Buffer.concat([known, soon, late]);
  const [first, second] = [known.length, known.length + soon.length];
  const bounds = [first, second, whole.length];
  const copies = findCopies(whole, bounds);
  let costs: PerSymbol = firstCosts();
  let tokens: readonly [readonly Token[], readonly Token[]] = [[], []];
  let lengths: PerSymbol = costs;
  for (let round = 0; round < ROUNDS; round++) {
    const chosen = chooseCopies(whole, copies, costs);
    tokens = [
      tokensOf(whole, chosen, [first, second]),
      tokensOf(whole, chosen, [second, whole.length]),
    ];
    const counts = countSymbols(tokens);
    lengths = {
      symbols: codeLengths(counts.symbols),
      distances: codeLengths(counts.distances),
    };
    costs = {
      symbols: lengths.symbols.map((length) => length || RARE),
      distances: lengths.distances.map((length) => length || RARE),
    };
  }
  return {
    codes: [describeCode(lengths.symbols), describeCode(lengths.distances)],
    parts: [writeTokens(tokens[0], lengths), writeTokens(tokens[1], lengths)],
  };
}

/** What is thought before anything was chosen. */
function firstCosts(): PerSymbol {
  return {
    symbols: everySymbol((symbol) => (symbol < SYMBOL.copy ? 6 : 9)),
    distances: everyDistance(() => 4),
  };
}

function everySymbol(value: (symbol: number) => number): number[] {
  return Array.from({ length: SYMBOL.copy + SYMBOL.lengths }, (_, symbol) =>
    value(symbol),
  );
}

function everyDistance(value: () => number): number[] {
  return Array.from({ length: SYMBOL.distances }, value);
}

/** How many bits a number has, of which all but the highest follow its first part. */
function bitsOf(value: number): number {
  return 32 - Math.clz32(value);
}

function restOf(value: number): number {
  return Math.max(bitsOf(value) - 1, 0);
}

/** For each place the longest copies, each from nearer by than the next; none goes beyond the next bound. */
function findCopies(
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
  let length = SHORTEST;
  while (length < most && whole[place + length] === whole[at + length])
    length += 1;
  return length;
}

/** At each place the copy with which the rest takes the fewest bits, or null: a new byte. */
function chooseCopies(
  whole: Uint8Array,
  copies: readonly (readonly Copy[])[],
  { symbols, distances }: PerSymbol,
): readonly (Copy | null)[] {
  const chosen: (Copy | null)[] = Array.from(copies, () => null);
  const costs = new Float64Array(whole.length + 1);
  for (let at = whole.length - 1; at >= 0; at--) {
    let best = symbols[whole[at]!]! + costs[at + 1]!;
    let length = SHORTEST;
    for (const { length: most, distance } of copies[at]!) {
      const far = distances[bitsOf(distance)]! + restOf(distance);
      for (; length <= most; length++) {
        const value = length - SHORTEST;
        const long = symbols[SYMBOL.copy + bitsOf(value)]! + restOf(value);
        const cost = far + long + costs[at + length]!;
        if (cost >= best) continue;
        best = cost;
        chosen[at] = { length, distance };
      }
    }
    costs[at] = best;
  }
  return chosen;
}

/** The tokens between two bounds; a distance is 0 if it is the last one again. */
function tokensOf(
  whole: Uint8Array,
  chosen: readonly (Copy | null)[],
  [first, end]: readonly [number, number],
): readonly Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (let at = first; at < end;) {
    const copy = chosen[at]!;
    if (copy === null) {
      tokens.push(whole[at]!);
      at += 1;
      continue;
    }
    const { length, distance } = copy;
    tokens.push({ length, distance: distance === last ? 0 : distance });
    last = distance;
    at += length;
  }
  return tokens;
}

function countSymbols(parts: readonly (readonly Token[])[]): PerSymbol {
  const symbols = everySymbol(() => 0);
  const distances = everyDistance(() => 0);
  for (const token of parts.flat()) {
    if (typeof token === "number") {
      symbols[token]! += 1;
      continue;
    }
    symbols[SYMBOL.copy + bitsOf(token.length - SHORTEST)]! += 1;
    distances[bitsOf(token.distance)]! += 1;
  }
  return { symbols, distances };
}

function writeTokens(tokens: readonly Token[], lengths: PerSymbol): Uint8Array {
  const symbols = canonicalCodes(lengths.symbols);
  const distances = canonicalCodes(lengths.distances);
  const writer = new BitWriter();
  const add = (codes: readonly Code[], symbol: number) => {
    const { bits, length } = codes[symbol]!;
    writer.add(bits, length);
  };
  const addNumber = (codes: readonly Code[], value: number, first = 0) => {
    const rest = restOf(value);
    add(codes, first + bitsOf(value));
    writer.add(value & ((1 << rest) - 1), rest);
  };
  for (const token of tokens) {
    if (typeof token === "number") {
      add(symbols, token);
      continue;
    }
    addNumber(symbols, token.length - SHORTEST, SYMBOL.copy);
    addNumber(distances, token.distance);
  }
  return writer.finish();
}

/**
 * Writes bytes as a row of tokens: new bytes, and copies of what stands before.
 * In the way of deflate: what is frequent takes few bits, and how frequent all
 * is stands before the tokens.
 */

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

/** Bytes, and by which of the codes they are written. */
export interface Stream {
  readonly bytes: Uint8Array;
  readonly code: 0 | 1;
}

/** What compressed bytes are made of. */
export interface Compressed {
  /** How the codes of symbols are described, and that of distances. */
  readonly codes: readonly Uint8Array[];
  /** The tokens of each stream, which begin with a whole byte. */
  readonly tokens: readonly Uint8Array[];
}

/** A copy that is possible at some place. */
interface Copy {
  readonly length: number;
  readonly distance: number;
}

/** How often each symbol of each code is, or how many bits it takes. */
interface PerSymbol {
  readonly symbols: readonly (readonly number[])[];
  readonly distances: readonly number[];
}

/** A new byte, or a copy. */
type Token = number | Copy;

const CODES = [0, 1] as const;

/** The streams, one behind the other; `known` stands before them when they are read. */
export function compress(
  streams: readonly Stream[],
  known: Uint8Array,
): Compressed {
  const whole = Buffer.concat([known, ...streams.map(({ bytes }) => bytes)]);
  const bounds = [known.length];
  for (const { bytes } of streams) bounds.push(bounds.at(-1)! + bytes.length);
  const copies = findCopies(whole, bounds);
  let costs = firstCosts();
  let tokens: readonly (readonly Token[])[] = [];
  let lengths = costs;
  for (let round = 0; round < ROUNDS; round++) {
    tokens = chooseTokens({ whole, bounds, copies }, streams, costs);
    lengths = perSymbol(countSymbols(streams, tokens), codeLengths);
    costs = perSymbol(lengths, (each) => each.map((length) => length || RARE));
  }
  return {
    codes: [...lengths.symbols, lengths.distances].map(describeCode),
    tokens: tokens.map((each, index) =>
      writeTokens(each, lengths, streams[index]!.code),
    ),
  };
}

/** What is thought before anything was chosen. */
function firstCosts(): PerSymbol {
  return {
    symbols: CODES.map(() =>
      everySymbol((symbol) => (symbol < SYMBOL.copy ? 6 : 9)),
    ),
    distances: everyDistance(() => 4),
  };
}

function perSymbol(
  { symbols, distances }: PerSymbol,
  change: (values: readonly number[]) => readonly number[],
): PerSymbol {
  return { symbols: symbols.map(change), distances: change(distances) };
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

/** All the bytes, where the streams begin and the last ends, and the copies that are possible. */
interface Known {
  readonly whole: Uint8Array;
  readonly bounds: readonly number[];
  readonly copies: readonly (readonly Copy[])[];
}

/** The tokens of each stream that take the fewest bits. */
function chooseTokens(
  known: Known,
  streams: readonly Stream[],
  { symbols, distances }: PerSymbol,
): readonly (readonly Token[])[] {
  return streams.map(({ code }, index) => {
    const ends = [known.bounds[index]!, known.bounds[index + 1]!] as const;
    const costs = { symbols: symbols[code]!, distances };
    return tokensOf(known.whole, chooseCopies(known, ends, costs), ends);
  });
}

/** At each place the copy with which the rest takes the fewest bits; none: a new byte. */
function chooseCopies(
  { whole, copies }: Known,
  [first, end]: readonly [number, number],
  {
    symbols,
    distances,
  }: { symbols: readonly number[]; distances: readonly number[] },
): ReadonlyMap<number, Copy> {
  const chosen = new Map<number, Copy>();
  const costs = new Float64Array(end + 1);
  for (let at = end - 1; at >= first; at--) {
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
        chosen.set(at, { length, distance });
      }
    }
    costs[at] = best;
  }
  return chosen;
}

/** The tokens between two bounds; a distance is 0 if it is the last one again. */
function tokensOf(
  whole: Uint8Array,
  chosen: ReadonlyMap<number, Copy>,
  [first, end]: readonly [number, number],
): readonly Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (let at = first; at < end;) {
    const copy = chosen.get(at);
    if (copy === undefined) {
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

function countSymbols(
  streams: readonly Stream[],
  tokens: readonly (readonly Token[])[],
): PerSymbol {
  const symbols = CODES.map(() => everySymbol(() => 0));
  const distances = everyDistance(() => 0);
  for (const [index, { code }] of streams.entries())
    for (const token of tokens[index]!) {
      if (typeof token === "number") {
        symbols[code]![token]! += 1;
        continue;
      }
      symbols[code]![SYMBOL.copy + bitsOf(token.length - SHORTEST)]! += 1;
      distances[bitsOf(token.distance)]! += 1;
    }
  return { symbols, distances };
}

function writeTokens(
  tokens: readonly Token[],
  lengths: PerSymbol,
  code: Stream["code"],
): Uint8Array {
  const symbols = canonicalCodes(lengths.symbols[code]!);
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

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
import { findCopies, tokensBetween } from "./choose-tokens.ts";
import type { Known } from "./choose-tokens.ts";
import { bitsOf, restOf, SHORTEST, SYMBOL } from "./tokens.ts";
import type { Token } from "./tokens.ts";

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

/** How often each symbol of each code is, or how many bits it takes. */
interface PerSymbol {
  readonly symbols: readonly (readonly number[])[];
  readonly distances: readonly number[];
}

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

/** The tokens of each stream that take the fewest bits. */
function chooseTokens(
  known: Known,
  streams: readonly Stream[],
  { symbols, distances }: PerSymbol,
): readonly (readonly Token[])[] {
  return streams.map(({ code }, index) => {
    const ends = [known.bounds[index]!, known.bounds[index + 1]!] as const;
    return tokensBetween(known, ends, { symbols: symbols[code]!, distances });
  });
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

/**
 * Writes bytes as a row of tokens: runs of new bytes, and copies of what stands
 * before. In the way of LZ4, with short forms for short distances.
 */

/** A token's first byte. */
export const TOKEN = {
  /** This bit: a copy; the rest is its length less SHORTEST, and FAR. Else a run: its length less one. */
  copy: 7,
  /** This bit of a copy: the distance takes two bytes, the low one first; else one. */
  far: 6,
  /** The bits of a copy's length. */
  length: 0x3f,
} as const;

/** The fewest bytes that a copy is worth. */
export const SHORTEST = 3;
const LONGEST = SHORTEST + TOKEN.length;
const LONGEST_RUN = 128;
const NEAR = 0xff;
const FARTHEST = 0xffff;
/** How many places with the same first bytes are looked at. */
const CANDIDATES = 64;

/** A copy that is possible at some place. */
interface Copy {
  readonly length: number;
  readonly distance: number;
}

/** The tokens of `bytes`; `known` stands before them when they are read. */
export function compress(
  bytes: Uint8Array,
  known: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const whole = Buffer.concat([known, bytes]);
  const copies = findCopies(whole, known.length);
  return writeTokens(whole, chooseCopies(copies, whole.length, known.length));
}

/** For each place from `first` on the longest copies, each from nearer by than the next. */
function findCopies(whole: Uint8Array, first: number): readonly Copy[][] {
  const places = new Map<number, number[]>();
  const copies: Copy[][] = [];
  for (let at = 0; at < whole.length; at++) {
    const found: Copy[] = [];
    copies.push(found);
    if (at + SHORTEST > whole.length) continue;
    const start = whole[at]! | (whole[at + 1]! << 8) | (whole[at + 2]! << 16);
    const before = places.get(start) ?? [];
    if (at >= first) {
      let longest = 0;
      for (const place of before.slice(-CANDIDATES).toReversed()) {
        if (at - place > FARTHEST) break;
        const length = commonLength(whole, place, at);
        if (length <= longest) continue;
        longest = length;
        found.push({ length, distance: at - place });
      }
    }
    before.push(at);
    places.set(start, before);
  }
  return copies;
}

function commonLength(whole: Uint8Array, place: number, at: number): number {
  const most = Math.min(LONGEST, whole.length - at);
  let length = SHORTEST;
  while (length < most && whole[place + length] === whole[at + length])
    length += 1;
  return length;
}

/** At each place the copy with which the rest takes the fewest bytes, or null: a new byte. */
function chooseCopies(
  copies: readonly Copy[][],
  end: number,
  first: number,
): readonly (Copy | null)[] {
  const chosen: (Copy | null)[] = Array.from(copies, () => null);
  // What the rest takes where a token begins, and within a run.
  const fresh = new Float64Array(end + 1);
  const inRun = new Float64Array(end + 1);
  for (let at = end - 1; at >= first; at--) {
    let best = Infinity;
    for (const { length: most, distance } of copies[at]!)
      for (let length = SHORTEST; length <= most; length++) {
        const cost = (distance > NEAR ? 3 : 2) + fresh[at + length]!;
        if (cost > best) continue;
        best = cost;
        chosen[at] = { length, distance };
      }
    const literal = 1 + inRun[at + 1]!;
    if (literal < best) chosen[at] = null;
    inRun[at] = Math.min(best, literal);
    fresh[at] = Math.min(best, 1 + literal);
  }
  return chosen.slice(first);
}

function writeTokens(
  whole: Uint8Array,
  chosen: readonly (Copy | null)[],
): Uint8Array {
  const tokens: number[] = [];
  const first = whole.length - chosen.length;
  let run: number[] = [];
  const endRun = () => {
    if (run.length > 0) tokens.push(run.length - 1, ...run);
    run = [];
  };
  for (let index = 0; index < chosen.length;) {
    const copy = chosen[index]!;
    if (copy === null) {
      run.push(whole[first + index]!);
      if (run.length === LONGEST_RUN) endRun();
      index += 1;
      continue;
    }
    endRun();
    const { length, distance } = copy;
    const far = distance > NEAR;
    const bits = (1 << TOKEN.copy) | (far ? 1 << TOKEN.far : 0);
    tokens.push(bits | (length - SHORTEST), distance & 0xff);
    if (far) tokens.push(distance >> 8);
    index += length;
  }
  endRun();
  return Uint8Array.from(tokens);
}

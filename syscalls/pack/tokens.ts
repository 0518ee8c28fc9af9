/** What compressed bytes are made of: new bytes, and copies of what stands before. */

/**
 * A symbol below `copy` is a new byte. From there on it is the first part of a
 * copy's length less SHORTEST; the distance follows in a code of its own, where
 * 0 is the last one again. A number's first part is how many bits it has; then
 * come those below its highest.
 */
export const SYMBOL = { copy: 256, lengths: 10, distances: 17 } as const;

/** The fewest bytes that a copy is worth. */
export const SHORTEST = 2;
export const LONGEST = SHORTEST + (1 << (SYMBOL.lengths - 1)) - 1;
export const FARTHEST = (1 << (SYMBOL.distances - 1)) - 1;

/** Its distance is 0 if it is the last one again. */
export interface Copy {
  readonly length: number;
  readonly distance: number;
}

/** A new byte, or a copy. */
export type Token = number | Copy;

/** How many bits a number has, of which all but the highest follow its first part. */
export function bitsOf(value: number): number {
  return 32 - Math.clz32(value);
}

export function restOf(value: number): number {
  return Math.max(bitsOf(value) - 1, 0);
}

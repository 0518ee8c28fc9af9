/** Jumps whose labels are near take two bytes: an opcode and a signed byte. */

import { isSignedByte } from "./forms.ts";

/** A jump in its long form, and the opcode of its short one. */
export interface Jump {
  readonly at: number;
  readonly size: number;
  readonly label: string;
  readonly short: number;
}

/** Where a label is, all jumps being long. */
type Place = (label: string) => number;

const SHORT_SIZE = 2;

/** Those that can be short, in order. */
export function nearJumps(
  jumps: readonly Jump[],
  place: Place,
): readonly Jump[] {
  let near: readonly Jump[] = [];
  // One that is short brings others nearer.
  for (let known = -1; near.length > known;) {
    known = near.length;
    const short = near;
    near = jumps.filter((jump) => isSignedByte(distanceOf(jump, short, place)));
  }
  return near;
}

/** Where a place is when these jumps before it are short. */
export function moved(place: number, short: readonly Jump[]): number {
  const before = short.filter(({ at }) => at < place);
  return before.reduce((to, { size }) => to - size + SHORT_SIZE, place);
}

/** The code with these jumps short. */
export function shorten(
  code: Uint8Array,
  short: readonly Jump[],
  place: Place,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const jump of short) {
    pieces.push(
      code.subarray(end, jump.at),
      Uint8Array.of(jump.short, distanceOf(jump, short, place)),
    );
    end = jump.at + jump.size;
  }
  return Uint8Array.from(Buffer.concat([...pieces, code.subarray(end)]));
}

function distanceOf(
  { at, size, label }: Jump,
  short: readonly Jump[],
  place: Place,
): number {
  return moved(place(label), short) - moved(at + size, short);
}

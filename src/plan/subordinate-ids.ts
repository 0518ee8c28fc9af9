/** The subordinate ids of a user: subuid(5), subgid(5). Which ids there are inside with `--as-root`. */

import type { Bytes } from "./bytes.ts";

/** Ids that a user may have beside the own one. */
export interface IdRange {
  readonly first: number;
  readonly count: number;
}

/** What newuidmap and newgidmap may map, or why only the caller's own ids are. */
export type SubordinateIds =
  | { readonly users: readonly IdRange[]; readonly groups: readonly IdRange[] }
  | { readonly missing: string };

/** The kernel keeps the last for "no id". */
const END_OF_IDS = 2 ** 32 - 1;
/** The kernel takes 340 lines in a map. */
const MOST_RANGES = 300;

/** The login names of a user id. */
export function parseLogins(passwd: Bytes, uid: number): readonly string[] {
  return passwd
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([, , id]) => id === String(uid))
    .map(([name]) => name!);
}

/** The ranges of a user, by one of the names or the number; none twice, and never the own id. */
export function parseRanges(
  text: Bytes,
  owners: readonly string[],
  own: number,
): readonly IdRange[] {
  const ranges: IdRange[] = [{ first: own, count: 1 }];
  for (const line of text.split("\n")) {
    const [owner, first, count] = line.split(":");
    if (owner === undefined || !owners.includes(owner)) continue;
    const range = { first: parseId(first), count: parseId(count) };
    const end = range.first + range.count;
    const usable = range.count > 0 && end <= END_OF_IDS;
    const taken = ranges.some(
      (other) => range.first < other.first + other.count && other.first < end,
    );
    if (usable && !taken && ranges.length <= MOST_RANGES) ranges.push(range);
  }
  return ranges.slice(1);
}

/** NaN, with which no comparison holds, for what is no number. */
function parseId(text = ""): number {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
}

/** A map's rows `inside outside count`: 0 is the caller, then come the subordinate ids. */
export function idMapRows(
  own: number,
  ranges: readonly IdRange[],
): readonly (readonly [inside: number, outside: number, count: number])[] {
  let next = 1;
  const rows = ranges.map(({ first, count }) => {
    next += count;
    return [next - count, first, count] as const;
  });
  return [[0, own, 1], ...rows];
}

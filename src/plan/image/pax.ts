/** PAX extended headers (POSIX.1-2001): records that say what a tar header has no room for. */

import { bytesFrom } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { refuseArchive } from "./refusal.ts";
import type { Moment, Segment, TarHeader } from "./tar-header.ts";

/** `key=value`, in the order given; later ones count. */
export type PaxRecords = readonly (readonly [key: Bytes, value: Bytes])[];

/** An extended attribute. */
export interface Attribute {
  readonly name: Bytes;
  readonly value: Bytes;
}

/** What GNU tar says of a sparse file. */
export interface PaxSparse {
  readonly size: number;
  /** Null where the map stands before the data (format 1.0). */
  readonly segments: readonly Segment[] | null;
}

/** `LENGTH KEY=VALUE\n` over and over; LENGTH counts the whole record. */
export function parsePaxRecords(data: Uint8Array): PaxRecords {
  const text = bytesFrom(data);
  const records: [Bytes, Bytes][] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const digits = text.slice(at, space);
    const end = at + (/^[0-9]{1,7}$/.test(digits) ? Number(digits) : 0);
    const equals = text.indexOf("=", space);
    if (
      space < 0 ||
      equals < 0 ||
      end > text.length ||
      equals >= end ||
      text[end - 1] !== "\n"
    )
      throw refuseArchive("an extended header in the archive is garbled");
    records.push([
      text.slice(space + 1, equals) as Bytes,
      text.slice(equals + 1, end - 1) as Bytes,
    ]);
    at = end;
  }
  return records;
}

/** The header as the records change it. */
export function applyPaxRecords(
  header: TarHeader,
  records: PaxRecords,
): TarHeader {
  const last = new Map<string, Bytes>(records);
  const number = (key: string, otherwise: number) => {
    const value = last.get(key);
    return value === undefined ? otherwise : parseDecimal(value);
  };
  const modified = last.get("mtime");
  return {
    ...header,
    name: last.get("GNU.sparse.name") ?? last.get("path") ?? header.name,
    link: last.get("linkpath") ?? header.link,
    size: number("size", header.size),
    uid: number("uid", header.uid),
    gid: number("gid", header.gid),
    modified: modified === undefined ? header.modified : parseMoment(modified),
  };
}

const ATTRIBUTE = "SCHILY.xattr.";

export function paxAttributes(records: PaxRecords): readonly Attribute[] {
  const last = new Map(records);
  return [...last].flatMap(([key, value]) =>
    key.startsWith(ATTRIBUTE)
      ? [{ name: key.slice(ATTRIBUTE.length) as Bytes, value }]
      : [],
  );
}

/** The formats 0.0 (a record for each number), 0.1 (one list) and 1.0 of GNU tar; null for no sparse file. */
export function paxSparse(records: PaxRecords): PaxSparse | null {
  const last = new Map<string, Bytes>(records);
  const real = last.get("GNU.sparse.realsize") ?? last.get("GNU.sparse.size");
  if (real === undefined) return null;
  const size = parseDecimal(real);
  if (last.has("GNU.sparse.major")) {
    const version = `${last.get("GNU.sparse.major")}.${last.get("GNU.sparse.minor")}`;
    if (version !== "1.0")
      throw refuseArchive(`sparse files of format ${version} are not known`);
    return { size, segments: null };
  }
  const list = last.get("GNU.sparse.map");
  const numbers =
    list === undefined
      ? records
          .filter(([key]) => /^GNU\.sparse\.(offset|numbytes)$/.test(key))
          .map(([, value]) => parseDecimal(value))
      : list
          .split(",")
          .filter(Boolean)
          .map((part) => parseDecimal(part as Bytes));
  return { size, segments: pairSegments(numbers) };
}

/** Offsets and sizes in turn. */
export function pairSegments(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0)
    throw refuseArchive("the map of a sparse file is not in order");
  const segments: Segment[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    segments.push({ offset: numbers[at]!, size: numbers[at + 1]! });
  return segments;
}

function parseDecimal(value: Bytes): number {
  const number = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw refuseArchive("a number in an extended header is garbled");
}

/** Seconds with any number of decimals, before 1970 too. */
function parseMoment(value: Bytes): Moment {
  const parts = /^(-?)([0-9]{1,12})(?:\.([0-9]*))?$/.exec(value);
  if (parts === null)
    throw refuseArchive("a time in an extended header is garbled");
  const whole = Number(parts[2]);
  const fraction = Number((parts[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (parts[1] === "") return { seconds: whole, nanoseconds: fraction };
  return fraction === 0
    ? { seconds: -whole, nanoseconds: 0 }
    : { seconds: -whole - 1, nanoseconds: 1e9 - fraction };
}

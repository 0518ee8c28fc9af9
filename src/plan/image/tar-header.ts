/**
 * One header block of a tar archive: POSIX ustar, GNU and the old form. What
 * cannot be understood is refused, never guessed: the block is a stranger's.
 */

import { bytesFrom } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { refuseArchive } from "./refusal.ts";

/** Tar is made of blocks. */
export const BLOCK = 512;

/** A part of a sparse file that is stored; the rest is holes. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** Seconds since 1970 and nanoseconds. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface TarHeader {
  readonly name: Bytes;
  /** One character: `0` a file, `5` a directory, `x` a PAX header, ... */
  readonly type: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The stored bytes behind the header. */
  readonly size: number;
  readonly modified: Moment;
  readonly link: Bytes;
  readonly device: { readonly major: number; readonly minor: number };
}

/** What else is there to try. */
const KNOWN =
  "an archive is plain, or packed by gzip or zstd; an OCI layout may be a directory, too";

const CHECKSUM = { offset: 148, size: 8 } as const;

export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Reads a block that is not all zeros. */
export function parseTarHeader(block: Uint8Array): TarHeader {
  const number = (offset: number, size: number, called: string) =>
    parseNumber(block.subarray(offset, offset + size), called);
  const text = (offset: number, size: number) =>
    parseText(block.subarray(offset, offset + size));
  let sum = 32 * CHECKSUM.size;
  for (const [at, byte] of block.entries())
    if (at < CHECKSUM.offset || at >= CHECKSUM.offset + CHECKSUM.size)
      sum += byte;
  const magic = text(257, 6);
  const { offset, size: width } = CHECKSUM;
  if (readNumber(block.subarray(offset, offset + width)) !== sum)
    throw magic.startsWith("ustar")
      ? refuseArchive("a header in the archive has a wrong checksum")
      : refuseArchive("it is no tar archive, or a damaged one", KNOWN);
  const prefix = magic === "ustar" ? text(345, 155) : "";
  const name = text(0, 100);
  const size = number(124, 12, "size");
  if (size < 0) throw refuseArchive("a size in the archive is negative");
  return {
    name: (prefix === "" ? name : `${prefix}/${name}`) as Bytes,
    type: String.fromCharCode(block[156]! || 0x30),
    mode: number(100, 8, "mode") & 0o7777,
    uid: number(108, 8, "uid"),
    gid: number(116, 8, "gid"),
    size,
    modified: { seconds: number(136, 12, "time"), nanoseconds: 0 },
    link: text(157, 100),
    device:
      magic === ""
        ? { major: 0, minor: 0 }
        : { major: number(329, 8, "device"), minor: number(337, 8, "device") },
  };
}

function parseNumber(field: Uint8Array, called: string): number {
  const value = readNumber(field);
  if (value !== null) return value;
  throw refuseArchive(`a ${called} in the archive is not a number`);
}

/** Octal digits, or in GNU's way a big-endian number behind a set first bit; null if it is neither. */
function readNumber(field: Uint8Array): number | null {
  const first = field[0]!;
  if ((first & 0x80) !== 0) {
    let value = BigInt(first & 0x3f) - BigInt(first & 0x40);
    for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
    if (Number.isSafeInteger(Number(value))) return Number(value);
  } else {
    const digits = parseText(field).trim();
    if (/^[0-7]*$/.test(digits)) return Number.parseInt(digits || "0", 8);
  }
  return null;
}

function parseText(field: Uint8Array): Bytes {
  const end = field.indexOf(0);
  return bytesFrom(end < 0 ? field : field.subarray(0, end));
}

const SPARSE_ENTRY = 24;

/**
 * The entries of GNU tar's sparse map in a header (4 from byte 386 on) or in a
 * block that continues it (21 from its start), and whether another follows.
 */
export function parseSparseBlock(
  block: Uint8Array,
  where: "header" | "continued",
): { segments: readonly Segment[]; more: boolean; size: number } {
  const [start, count] = where === "header" ? [386, 4] : [0, 21];
  const end = start + count * SPARSE_ENTRY;
  const segments: Segment[] = [];
  for (let at = start; at < end; at += SPARSE_ENTRY) {
    if (block[at] === 0) break;
    const offset = parseNumber(block.subarray(at, at + 12), "sparse map");
    const size = parseNumber(block.subarray(at + 12, at + 24), "sparse map");
    segments.push({ offset, size });
  }
  const size =
    where === "header" ? parseNumber(block.subarray(483, 495), "size") : 0;
  return { segments, more: block[end] !== 0, size };
}

/** 1 PiB: no filesystem of ours takes more, and holes cost nothing to write down. */
const LARGEST_FILE = 2 ** 50;

/** Refuses a map that is not in order, or not of as many bytes as are stored. */
export function checkSegments(
  segments: readonly Segment[],
  { stored, size }: { stored: number; size: number },
): void {
  let [end, sum] = [0, 0];
  for (const segment of segments) {
    if (segment.size < 0 || !(segment.offset >= end))
      throw refuseArchive("the map of a sparse file is not in order");
    end = segment.offset + segment.size;
    sum += segment.size;
  }
  if (size > LARGEST_FILE)
    throw refuseArchive(`a sparse file of ${size} bytes is too large`);
  if (sum !== stored || !(end <= size))
    throw refuseArchive("the map of a sparse file does not fit its size");
}

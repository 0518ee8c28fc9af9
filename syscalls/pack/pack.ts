/**
 * Records in few bytes. Most words of a record are zero, or near to something
 * that whoever reads it knows: so a record is the number of its shape, then one
 * small number for each word that the shape does not tell.
 */

import { ARGUMENTS, RECORD } from "../record.ts";
import { ROW, ROW_SIZE, ROWS, ROWS_SIZE, SECTION, SHAPE_SIZE } from "./form.ts";
import { NUMBER, WORDS } from "./form.ts";

/** Records in an image, and what is known of the Program that they are of. */
export interface Span {
  /** The offset of the first in the image, and how many there are. */
  readonly at: number;
  readonly count: number;
  /** Whether they are unpacked later than everything else. */
  readonly late: boolean;
  /** The address of the first when they are played. */
  readonly address: number;
  /** The address of the Program's first slot. */
  readonly slots: number;
  /** Addresses from which on there is what the Program points at, ascending. */
  readonly places: readonly number[];
}

/** What is unpacked: records, and among the bytes in no span those that are late as well. */
export interface Plan {
  readonly spans: readonly Span[];
  readonly lateBytes: { readonly at: number; readonly end: number };
}

/** Sections, soon after the shapes, and the bytes that stay as they are; see form.ts. */
export interface Part {
  readonly sections: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface Packed {
  readonly soon: Part;
  readonly late: Part;
  readonly shapes: number;
}

/** A record: what others may have as well, and its own numbers. */
interface Coded {
  /** The bytes of the shape. */
  readonly shape: string;
  readonly numbers: readonly bigint[];
}

/** Packs an image. What is in no span stays as it is. */
export function pack(image: Uint8Array, { spans, lateBytes }: Plan): Packed {
  if (spans.some(({ places }) => places.length > ROWS - ROW.place))
    throw new RangeError("a Program points at too many places");
  const coded = spans.map((span) => codeSpan(image, span));
  const shapes = sortShapes(coded.flat());
  const soon = new PartWriter([inColumns(shapes)]);
  const late = new PartWriter([]);
  let end = 0;
  const addBytes = (to: number) => {
    for (const [part, last] of [
      [soon, lateBytes.at],
      [late, lateBytes.end],
      [soon, image.length],
    ] as const) {
      const next = Math.min(last, to);
      if (next <= end) continue;
      part.addBytes(end, image.subarray(end, next));
      end = next;
    }
  };
  spans.forEach((span, index) => {
    addBytes(span.at);
    (span.late ? late : soon).addRecords(span, coded[index]!, shapes);
    end = span.at + span.count * RECORD.size;
  });
  addBytes(image.length);
  return { soon: soon.part, late: late.part, shapes: shapes.length };
}

/** Puts sections in a row. */
class PartWriter {
  readonly #sections: Uint8Array[];
  readonly #bytes: Uint8Array[] = [];

  constructor(first: readonly Uint8Array[]) {
    this.#sections = [...first];
  }

  addBytes(at: number, bytes: Uint8Array): void {
    this.#sections.push(encodeHead(at, { records: 0, bytes: bytes.length }));
    this.#bytes.push(bytes);
  }

  addRecords(
    span: Span,
    coded: readonly Coded[],
    shapes: readonly string[],
  ): void {
    const numbers = new Map(shapes.map((shape, index) => [shape, index]));
    const records = coded.flatMap((record) => [
      ...encodeNumber(BigInt(numbers.get(record.shape)!)),
      ...record.numbers.flatMap((number) => encodeNumber(withSign(number))),
    ]);
    this.#sections.push(
      encodeHead(span.at, { records: span.count, bytes: 0 }),
      encodeRows(span),
      Uint8Array.from(records),
    );
  }

  get part(): Part {
    return {
      sections: Buffer.concat(this.#sections),
      bytes: Buffer.concat(this.#bytes),
    };
  }
}

/** The most frequent first, whose numbers are the shortest; then like beside like, which compresses well. */
function sortShapes(records: readonly Coded[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { shape } of records)
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  const sorted = [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([shape]) => shape);
  const short = NUMBER.two;
  return [
    ...sorted.slice(0, short).toSorted(),
    ...sorted.slice(short).toSorted(),
  ];
}

function inColumns(shapes: readonly string[]): Uint8Array {
  const column = (index: number) =>
    shapes.map((shape) => shape[index]).join("");
  const columns = Array.from({ length: SHAPE_SIZE }, (_, index) =>
    column(index),
  );
  return Buffer.from(columns.join(""), "latin1");
}

function codeSpan(image: Uint8Array, span: Span): readonly Coded[] {
  const bases = firstBases(span);
  return Array.from({ length: span.count }, (_, index) => {
    const at = span.at + index * RECORD.size;
    const record = Buffer.from(image.subarray(at, at + RECORD.size));
    bases[ROW.record] = BigInt(span.address + index * RECORD.size);
    const coded = codeRecord(record, span, bases);
    bases[ROW.target] =
      record.readBigUInt64LE(RECORD.target) || bases[ROW.target]!;
    return coded;
  });
}

/** By which the number of each row is multiplied. */
function scaleOf(row: number): bigint {
  if (row < ROW.number) return 0n;
  if (row === ROW.record) return BigInt(RECORD.size);
  return row === ROW.slot ? 8n : 1n;
}

/** What is added to it at the beginning of a section. */
function firstBases({ address, slots, places }: Span): bigint[] {
  const bases = Array.from({ length: ROWS }, () => 0n);
  bases[ROW.discarded] = BigInt(slots);
  bases[ROW.record] = BigInt(address);
  bases[ROW.slot] = BigInt(slots);
  places.forEach((place, index) => {
    bases[ROW.place + index] = BigInt(place);
  });
  return bases;
}

/** The bases go on as they do when the record is unpacked. */
function codeRecord(record: Buffer, span: Span, bases: bigint[]): Coded {
  const shape = Buffer.alloc(SHAPE_SIZE);
  record.copy(shape, 0, 0, RECORD.argument);
  const numbers: bigint[] = [];
  let rows = 0n;
  for (let index = 0; index < WORDS; index++) {
    const field = RECORD.argument + 8 * index;
    const value = record.readBigUInt64LE(field);
    const row = rowOf({ record, field, value }, span, bases);
    rows |= BigInt(row) << BigInt(4 * index);
    const scale = scaleOf(row);
    if (scale === 0n) continue;
    numbers.push(BigInt.asIntN(64, value - bases[row]!) / scale);
    if (row >= ROW.slot) bases[row] = value;
  }
  shape.writeUInt32LE(Number(rows), RECORD.argument);
  return { shape: shape.toString("latin1"), numbers };
}

interface Word {
  readonly record: Buffer;
  readonly field: number;
  readonly value: bigint;
}

/** The row that says the least of a word. */
function rowOf(
  { record, field, value }: Word,
  { address, count, slots, places }: Span,
  bases: readonly bigint[],
): number {
  if (value === 0n) return ROW.zero;
  if (field === RECORD.target && value === bases[ROW.target]) return ROW.target;
  const slot = Number(value) - slots;
  if (
    isReference(record, field) &&
    slot >= 0 &&
    slot < 2 ** 32 &&
    slot % 8 === 0
  )
    return slot === 0 ? ROW.discarded : ROW.slot;
  const index = (Number(value) - address) / RECORD.size;
  if (Number.isInteger(index) && index >= 0 && index < count) return ROW.record;
  const place = places.findLastIndex((start) => value >= BigInt(start));
  return place === -1 || value > 0xffff_ffffn ? ROW.number : ROW.place + place;
}

/** The result's address, or that of an argument's value. */
function isReference(record: Buffer, field: number): boolean {
  if (field === RECORD.result) return true;
  const argument = (field - RECORD.argument) / 8;
  const flags = record.readUInt32LE(RECORD.flags);
  return argument < ARGUMENTS && (flags & (1 << argument)) !== 0;
}

function encodeHead(
  at: number,
  { records, bytes }: { records: number; bytes: number },
): Uint8Array {
  const head = Buffer.alloc(SECTION.rows);
  head.writeUInt32LE(records, SECTION.records);
  head.writeUInt32LE(bytes, SECTION.bytes);
  head.writeUInt32LE(at, SECTION.at);
  return head;
}

function encodeRows(span: Span): Uint8Array {
  const rows = Buffer.alloc(ROWS_SIZE);
  firstBases(span).forEach((base, row) => {
    rows.writeBigUInt64LE(scaleOf(row), row * ROW_SIZE);
    rows.writeBigUInt64LE(base, row * ROW_SIZE + 8);
  });
  return rows;
}

/** The sign in the lowest bit. */
function withSign(number: bigint): bigint {
  return BigInt.asUintN(64, (number << 1n) ^ (number >> 63n));
}

/** The first bytes first: see NUMBER. */
function encodeNumber(value: bigint): readonly number[] {
  if (value < NUMBER.two) return [Number(value)];
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n)
    bytes.unshift(Number(rest & 0xffn));
  if (value < (NUMBER.more - NUMBER.two) * 0x100) {
    if (bytes.length === 1) bytes.unshift(0);
    bytes[0]! += NUMBER.two;
    return bytes;
  }
  return [NUMBER.more + bytes.length - 1, ...bytes];
}

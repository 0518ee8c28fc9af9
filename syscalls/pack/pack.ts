/**
 * Records in few bytes. Most words of a record are zero, or near to something
 * that whoever reads it knows: so a record is the number of its shape, then one
 * small number for each word that the shape does not tell.
 */

import { ARGUMENTS, RECORD } from "../record.ts";
import { ROW, ROW_SIZE, ROWS, ROWS_SIZE, SECTION, SHAPE_SIZE } from "./form.ts";
import { FIRST_WORD, NUMBER, WORD_MASK, WORDS } from "./form.ts";

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

/** Shapes and sections, then the late sections; see form.ts. */
export interface Packed {
  readonly parts: readonly [soon: Uint8Array, late: Uint8Array];
  readonly shapes: number;
}

/** A record: what others may have as well, and its own numbers. */
interface Coded {
  /** The bytes of the shape. */
  readonly shape: string;
  readonly numbers: readonly bigint[];
}

const NOTHING = new Uint8Array(0);

/** Packs an image. What is in no span stays as it is. */
export function pack(image: Uint8Array, { spans, lateBytes }: Plan): Packed {
  if (spans.some(({ places }) => places.length > ROWS - ROW.place))
    throw new RangeError("a Program points at too many places");
  const coded = spans.map((span) => codeSpan(image, span));
  const shapes = sortShapes(coded.flat());
  const soon: Uint8Array[] = [inColumns(shapes)];
  const late: Uint8Array[] = [];
  let end = 0;
  const addBytes = (to: number) => {
    for (const [sections, last] of [
      [soon, lateBytes.at],
      [late, lateBytes.end],
      [soon, image.length],
    ] as const) {
      const next = Math.min(last, to);
      if (next <= end) continue;
      sections.push(encodeSection(end, null, image.subarray(end, next)));
      end = next;
    }
  };
  spans.forEach((span, index) => {
    addBytes(span.at);
    const records = { span, coded: coded[index]!, shapes };
    const section = encodeSection(span.at, records, NOTHING);
    (span.late ? late : soon).push(section);
    end = span.at + span.count * RECORD.size;
  });
  addBytes(image.length);
  return {
    parts: [Buffer.concat(soon), Buffer.concat(late)],
    shapes: shapes.length,
  };
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
    const word = (FIRST_WORD + 8 * index) & WORD_MASK;
    const field = RECORD.argument + word;
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

function encodeSection(
  at: number,
  records: {
    readonly span: Span;
    readonly coded: readonly Coded[];
    readonly shapes: readonly string[];
  } | null,
  rest: Uint8Array,
): Buffer {
  const head = Buffer.alloc(SECTION.rows);
  head.writeUInt32LE(records?.span.count ?? 0, SECTION.records);
  head.writeUInt32LE(rest.length, SECTION.bytes);
  head.writeUInt32LE(at, SECTION.at);
  if (records === null) return Buffer.concat([head, rest]);
  const { span, coded, shapes } = records;
  const rows = Buffer.alloc(ROWS_SIZE);
  firstBases(span).forEach((base, row) => {
    rows.writeBigUInt64LE(scaleOf(row), row * ROW_SIZE);
    rows.writeBigUInt64LE(base, row * ROW_SIZE + 8);
  });
  const numbers = new Map(shapes.map((shape, index) => [shape, index]));
  const bytes = coded.flatMap((record) => [
    ...encodeNumber(BigInt(numbers.get(record.shape)!)),
    ...record.numbers.flatMap((number) => encodeNumber(withSign(number))),
  ]);
  return Buffer.concat([head, rows, Buffer.from(bytes), rest]);
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

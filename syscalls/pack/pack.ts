/**
 * Records in few bytes. Most words of a record are zero, or near to something
 * that whoever reads it knows: so a record is the number of its shape, then one
 * small number for each word that the shape does not tell.
 */

import { ARGUMENTS, RECORD } from "../record.ts";
import { SECTION, SECTION_SIZE, SHAPE_SIZE, ROW, ROW_SIZE } from "./form.ts";
import { FIRST_WORD, NUMBER, ROWS, WORD_MASK, WORDS } from "./form.ts";

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

/** Shapes, then sections; see form.ts. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly shapes: number;
}

/** A record: what others may have as well, and its own numbers. */
interface Coded {
  /** The bytes of the shape. */
  readonly shape: string;
  readonly numbers: readonly bigint[];
}

const MODULUS = 2n ** 64n;
const NOTHING = new Uint8Array(0);

/** Packs an image. What is in no span stays as it is. */
export function pack(image: Uint8Array, spans: readonly Span[]): Packed {
  if (spans.some(({ places }) => places.length > ROWS - ROW.place))
    throw new RangeError("a Program points at too many places");
  const coded = spans.map((span) => codeSpan(image, span));
  const shapes = sortShapes(coded.flat());
  const soon: Uint8Array[] = [Buffer.from(shapes.join(""), "latin1")];
  const late: Uint8Array[] = [encodeSection(0, null, NOTHING)];
  let end = 0;
  const addBytes = (to: number) => {
    if (to > end) soon.push(encodeSection(end, null, image.subarray(end, to)));
  };
  spans.forEach((span, index) => {
    addBytes(span.at);
    const records = { span, coded: coded[index]!, shapes };
    const section = encodeSection(span.at, records, NOTHING);
    (span.late ? late : soon).push(section);
    end = span.at + span.count * RECORD.size;
  });
  addBytes(image.length);
  return { bytes: Buffer.concat([...soon, ...late]), shapes: shapes.length };
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

function codeSpan(image: Uint8Array, span: Span): readonly Coded[] {
  let target = 0n;
  return Array.from({ length: span.count }, (_, index) => {
    const at = span.at + index * RECORD.size;
    const record = Buffer.from(image.subarray(at, at + RECORD.size));
    const address = span.address + index * RECORD.size;
    const coded = codeRecord(record, { span, address, target });
    target = record.readBigUInt64LE(RECORD.target) || target;
    return coded;
  });
}

/** A word that the shape tells. */
function told(row: number) {
  return { row, number: null };
}

interface Known {
  readonly span: Span;
  /** Where the record will be. */
  readonly address: number;
  /** The last target before it. */
  readonly target: bigint;
}

function codeRecord(record: Buffer, known: Known): Coded {
  const shape = Buffer.alloc(SHAPE_SIZE);
  record.copy(shape, 0, 0, RECORD.argument);
  const numbers: bigint[] = [];
  let rows = 0n;
  for (let index = 0; index < WORDS; index++) {
    const word = (FIRST_WORD + 8 * index) & WORD_MASK;
    const { row, number } = codeWord(record, RECORD.argument + word, known);
    rows |= BigInt(row) << BigInt(4 * index);
    if (number !== null) numbers.push(number);
  }
  shape.writeUInt32LE(Number(rows), RECORD.argument);
  return { shape: shape.toString("latin1"), numbers };
}

function codeWord(
  record: Buffer,
  field: number,
  { span, address, target }: Known,
): { readonly row: number; readonly number: bigint | null } {
  const value = record.readBigUInt64LE(field);
  if (value === 0n) return told(ROW.zero);
  if (field === RECORD.target && value === target) return told(ROW.target);
  const slot = Number(value) - span.slots;
  if (
    isReference(record, field) &&
    slot >= 0 &&
    slot < 2 ** 32 &&
    slot % 8 === 0
  )
    return slot === 0
      ? told(ROW.discarded)
      : { row: ROW.slot, number: BigInt(slot / 8) };
  return codeValue(value, span, address);
}

function codeValue(
  value: bigint,
  { address: first, count, places }: Span,
  address: number,
): { readonly row: number; readonly number: bigint } {
  const distance = Number(value) - address;
  const index = (Number(value) - first) / RECORD.size;
  if (Number.isInteger(index) && index >= 0 && index < count)
    return distance < 0
      ? { row: ROW.earlier, number: BigInt(-distance / RECORD.size) }
      : { row: ROW.later, number: BigInt(distance / RECORD.size) };
  const place = places.findLastIndex((start) => value >= BigInt(start));
  if (value >= MODULUS / 2n)
    return { row: ROW.negative, number: MODULUS - value };
  if (place === -1 || value > 0xffff_ffffn)
    return { row: ROW.number, number: value };
  return { row: ROW.place + place, number: value - BigInt(places[place]!) };
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
  const head = Buffer.alloc(SECTION_SIZE);
  head.writeUInt32LE(records?.span.count ?? 0, SECTION.records);
  head.writeUInt32LE(rest.length, SECTION.bytes);
  head.writeUInt32LE(at, SECTION.at);
  if (records === null) return Buffer.concat([head, rest]);
  const { span, coded, shapes } = records;
  encodeRows(span).forEach(([scale, base], row) => {
    head.writeBigInt64LE(BigInt(scale), SECTION.rows + row * ROW_SIZE);
    head.writeBigInt64LE(BigInt(base), SECTION.rows + row * ROW_SIZE + 8);
  });
  const numbers = new Map(shapes.map((shape, index) => [shape, index]));
  const bytes = coded.flatMap((record) =>
    [BigInt(numbers.get(record.shape)!), ...record.numbers].flatMap(
      encodeNumber,
    ),
  );
  return Buffer.concat([head, Buffer.from(bytes), rest]);
}

/** Scale and base of each row at the beginning of a section. */
function encodeRows({
  address,
  slots,
  places,
}: Span): readonly (readonly [scale: number, base: number])[] {
  const rows: [number, number][] = Array.from({ length: ROWS }, () => [0, 0]);
  rows[ROW.discarded] = [0, slots];
  rows[ROW.slot] = [8, slots];
  rows[ROW.number] = [1, 0];
  rows[ROW.negative] = [-1, 0];
  rows[ROW.later] = [RECORD.size, address];
  rows[ROW.earlier] = [-RECORD.size, address];
  places.forEach((place, index) => {
    rows[ROW.place + index] = [1, place];
  });
  return rows;
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

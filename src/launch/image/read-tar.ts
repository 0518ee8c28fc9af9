/**
 * The entries of a tar archive, one after another: POSIX, PAX and GNU. Memory:
 * one entry's headers, whose sizes are bounded.
 */

import { refuseArchive } from "../../plan/image/refusal.ts";
import {
  applyPaxRecords,
  pairSegments,
  paxAttributes,
  paxSparse,
  parsePaxRecords,
} from "../../plan/image/pax.ts";
import type { Attribute, PaxRecords } from "../../plan/image/pax.ts";
import {
  BLOCK,
  checkSegments,
  isZero,
  parseSparseBlock,
  parseTarHeader,
} from "../../plan/image/tar-header.ts";
import type { Segment, TarHeader } from "../../plan/image/tar-header.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { bytesFrom } from "../../plan/bytes.ts";
import type { ByteSource } from "./byte-source.ts";

export interface TarEntry extends TarHeader {
  readonly attributes: readonly Attribute[];
  /** What of a sparse file is stored, and `size` is its whole size; else null. */
  readonly segments: readonly Segment[] | null;
  /** Where the stored bytes begin. */
  readonly offset: number;
  /** Hands over the stored bytes, or passes over them; later calls do nothing. */
  read(sink: ((piece: Uint8Array) => void) | null): Promise<void>;
}

/** An extended header or a long name. */
const LARGEST_HEADER = 2 ** 20;
const MOST_SEGMENTS = 100_000;

/** What stands before an entry and changes it. */
interface Before {
  global: PaxRecords;
  local: PaxRecords;
  name: Bytes | null;
  link: Bytes | null;
}

/** `complete`: an archive that just ends, without its end mark, is refused. */
export async function* readTar(
  source: ByteSource,
  complete: boolean,
): AsyncGenerator<TarEntry> {
  const before: Before = { global: [], local: [], name: null, link: null };
  let count = 0;
  while (await source.more()) {
    const block = await source.take(BLOCK);
    if (isZero(block)) return;
    const header = parseTarHeader(block);
    count += 1;
    if (await readBefore(source, header, before)) continue;
    const sparse = header.type === "S" ? await readGnuMap(source, block) : null;
    const entry = await makeEntry(source, { header, before, sparse });
    Object.assign(before, { local: [], name: null, link: null });
    yield entry;
    await entry.read(null);
  }
  if (complete)
    throw refuseArchive(
      count === 0 ? "the archive is empty" : "the archive ends in the middle",
    );
}

/** Reads a header that only says something of the next one. */
async function readBefore(
  source: ByteSource,
  header: TarHeader,
  before: Before,
): Promise<boolean> {
  switch (header.type) {
    case "g":
      before.global = parsePaxRecords(await readHeader(source, header));
      return true;
    case "x":
    case "X":
      before.local = parsePaxRecords(await readHeader(source, header));
      return true;
    case "L":
      before.name = untilNul(await readHeader(source, header));
      return true;
    case "K":
      before.link = untilNul(await readHeader(source, header));
      return true;
    case "V": // a name for the whole archive
      await readHeader(source, header);
      return true;
    default:
      return false;
  }
}

async function readHeader(
  source: ByteSource,
  { size }: TarHeader,
): Promise<Uint8Array> {
  if (size > LARGEST_HEADER)
    throw refuseArchive(`a header in the archive has ${size} bytes`);
  const data = Buffer.from(await source.take(size));
  await source.take(padding(size));
  return data;
}

function untilNul(data: Uint8Array): Bytes {
  const end = data.indexOf(0);
  return bytesFrom(end < 0 ? data : data.subarray(0, end));
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

interface SparseMap {
  readonly segments: readonly Segment[];
  readonly size: number;
}

async function readGnuMap(
  source: ByteSource,
  block: Uint8Array,
): Promise<SparseMap> {
  const head = parseSparseBlock(block, "header");
  const segments = [...head.segments];
  for (let { more } = head; more;) {
    const next = parseSparseBlock(await source.take(BLOCK), "continued");
    segments.push(...next.segments);
    requireFew(segments.length);
    ({ more } = next);
  }
  return { segments, size: head.size };
}

function requireFew(count: number): void {
  if (count > MOST_SEGMENTS)
    throw refuseArchive(`a sparse file has more than ${MOST_SEGMENTS} parts`);
}

/** Links, devices, directories and FIFOs have no bytes behind their header, whatever their size says. */
const WITHOUT_DATA = /^[1-6]$/;

async function makeEntry(
  source: ByteSource,
  {
    header,
    before,
    sparse,
  }: { header: TarHeader; before: Before; sparse: SparseMap | null },
): Promise<TarEntry> {
  const records = [...before.global, ...before.local];
  const changed = applyPaxRecords(
    {
      ...header,
      name: before.name ?? header.name,
      link: before.link ?? header.link,
    },
    records,
  );
  const stored = WITHOUT_DATA.test(header.type) ? 0 : changed.size;
  if (stored < 0) throw refuseArchive("a size in the archive is negative");
  let left = stored;
  const map =
    sparse ?? (await readPaxMap(source, records, (size) => (left -= size)));
  if (map !== null) {
    requireFew(map.segments.length);
    checkSegments(map.segments, { stored: left, size: map.size });
  }
  const end = padding(stored);
  let done = false;
  return {
    ...changed,
    size: map?.size ?? stored,
    attributes: paxAttributes(records),
    segments: map?.segments ?? null,
    offset: source.taken,
    read: async (sink) => {
      if (done) return;
      done = true;
      if (sink === null) await source.skip(left);
      else await source.pass(left, sink);
      await source.take(end);
    },
  };
}

/** Where PAX records say that it is sparse; a map of format 1.0 stands in blocks before the data. */
async function readPaxMap(
  source: ByteSource,
  records: PaxRecords,
  took: (size: number) => void,
): Promise<SparseMap | null> {
  const sparse = paxSparse(records);
  if (sparse === null) return null;
  const { segments, size } = sparse;
  if (segments !== null) return { segments, size };
  const numbers: number[] = [];
  for (let [text, wanted] = ["", 1]; numbers.length < wanted;) {
    text += bytesFrom(await source.take(BLOCK));
    took(BLOCK);
    const lines = text.split("\n");
    text = lines.pop()!;
    numbers.push(
      ...lines.filter((line) => /^[0-9]{1,16}$/.test(line)).map(Number),
    );
    if (text.length > BLOCK || numbers.length === 0)
      throw refuseArchive("the map of a sparse file is garbled");
    requireFew(numbers[0]!);
    wanted = 1 + 2 * numbers[0]!;
    if (numbers.length >= wanted) numbers.length = wanted;
  }
  return { segments: pairSegments(numbers.slice(1)), size };
}

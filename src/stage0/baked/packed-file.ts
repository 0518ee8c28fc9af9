/**
 * A baked file as bytes: a static ELF executable of one segment, which unpacks
 * itself, with a note that says what it was made of. elf(5).
 */

import { CODES_SIZE } from "../../../syscalls/arch/x86_64/decompressor.ts";
import { assembleEntry } from "../../../syscalls/arch/x86_64/entry.ts";
import { assemblePlayer } from "../../../syscalls/arch/x86_64/player.ts";
import { EM, ET, PF, PT } from "../../../syscalls/constants/elf.table.ts";
import { checksumOf } from "../../../syscalls/pack/checksum.ts";
import { compress } from "../../../syscalls/pack/compress.ts";
import type { Compressed, Stream } from "../../../syscalls/pack/compress.ts";
import { ROWS_SIZE, SHAPE_SIZE, SLACK } from "../../../syscalls/pack/form.ts";
import { pack } from "../../../syscalls/pack/pack.ts";
import type { Packed } from "../../../syscalls/pack/pack.ts";
import type { Content } from "../../../syscalls/standalone.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import { ELF64_EHDR, ELF64_PHDR } from "../../../syscalls/structs.ts";
import { handoverAddress, STAGE0_ADDRESS } from "../handover.ts";
import type { Places } from "./find-places.ts";

/** Where the image is unpacked to: behind the file, so that the supervisor gives both back at once. */
export const IMAGE_ADDRESS = STAGE0_ADDRESS + 0x100_0000;

const PAGE = 4096;
/** ELF magic, 64 bits, little endian, version 1. */
const IDENT = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1);
/** Of the segment, the note and the stack. */
const HEADERS_SIZE = ELF64_EHDR.size + 3 * ELF64_PHDR.size;
/** The checksum, and a NUL behind it. */
const END_SIZE = 16;

/** The player is in the file as it is, and once more in the starter's. */
export const KNOWN = assemblePlayer();

/** The file of a Program that is laid out for IMAGE_ADDRESS. */
export function writePackedFile(
  content: Content,
  { spans, lateBytes }: Places,
  note: Uint8Array,
): Uint8Array {
  const packed = pack(content.bytes, {
    spans: Object.values(spans),
    lateBytes,
  });
  const compressed = compress(streamsOf(packed), KNOWN);
  return writeFile(content, spans.rest.address, { packed, compressed, note });
}

/** In the order in which they are unpacked. */
export function streamsOf({ soon, late }: Packed): readonly Stream[] {
  return [soon, late].flatMap(({ sections, bytes }): readonly Stream[] => [
    { bytes: sections, code: 0 },
    { bytes, code: 1 },
  ]);
}

/** The same of what was packed: goes on at `rest` when the rest is unpacked. */
export function writeFile(
  { bytes: image, entry }: Content,
  rest: number,
  {
    packed,
    compressed: { codes, tokens },
    note,
  }: { packed: Packed; compressed: Compressed; note: Uint8Array },
): Uint8Array {
  const memory = placeMemory(packed, image.length);
  const pieces = [...codes, ...tokens];
  const data = Buffer.concat(pieces);
  const assemble = (dataAt: number) => {
    const checksumAt = align(dataAt + data.length);
    const places = placesOf(STAGE0_ADDRESS + dataAt, pieces);
    const code = assembleEntry({
      ...entry,
      packing: {
        ...memory,
        file: STAGE0_ADDRESS,
        checksum: STAGE0_ADDRESS + checksumAt,
        codes: places.slice(0, codes.length),
        tokens: places.slice(codes.length),
        image: IMAGE_ADDRESS,
        imageEnd: IMAGE_ADDRESS + image.length,
        late: handoverAddress("unpackRest"),
        rest,
      },
    });
    return { code, dataAt, checksumAt };
  };
  // The code is of one length, wherever the rest is.
  const { code, dataAt, checksumAt } = assemble(
    HEADERS_SIZE + assemble(0).code.length,
  );
  const noteAt = checksumAt + END_SIZE;
  if (STAGE0_ADDRESS + noteAt > memory.memory || dataAt > PAGE)
    throw new RangeError("the file reaches into what it is unpacked to");
  const file = new Uint8Array(noteAt + note.length);
  file.set(encodeHeaders(noteAt, note.length));
  file.set(code, HEADERS_SIZE);
  file.set(data, dataAt);
  const sum = checksumOf(file.subarray(0, checksumAt));
  new DataView(file.buffer).setBigUint64(checksumAt, sum, true);
  file.set(note, noteAt);
  return file;
}

/** Where the file is unpacked, up to the image. */
function placeMemory(packed: Packed, imageSize: number) {
  const shapesSize = align(packed.shapes * SHAPE_SIZE);
  const known = CODES_SIZE + ROWS_SIZE + shapesSize;
  const pieces = [KNOWN, ...streamsOf(packed).map(({ bytes }) => bytes)];
  const size = pages(known + Buffer.concat(pieces).length + SLACK);
  const memory = IMAGE_ADDRESS - size;
  const [buffer, ...streams] = placesOf(memory + known, pieces);
  return {
    memory,
    memorySize: size + pages(imageSize),
    rows: memory + CODES_SIZE,
    shapes: memory + CODES_SIZE + ROWS_SIZE,
    shapeCount: packed.shapes,
    buffer: buffer!,
    streams,
  } as const;
}

/** Where each of the pieces begins, the first at `start`, and where the last ends. */
function placesOf(
  start: number,
  pieces: readonly Uint8Array[],
): readonly number[] {
  const places = [start];
  for (const { length } of pieces) places.push(places.at(-1)! + length);
  return places;
}

function encodeHeaders(noteAt: number, noteSize: number): Uint8Array {
  const headers = [
    {
      type: PT.LOAD,
      flags: PF.R | PF.X,
      vaddr: STAGE0_ADDRESS,
      paddr: STAGE0_ADDRESS,
      filesz: noteAt,
      memsz: noteAt,
      align: PAGE,
    },
    {
      type: PT.NOTE,
      flags: PF.R,
      offset: noteAt,
      filesz: noteSize,
      align: 4,
    },
    // Without it the kernel would make the stack executable.
    { type: PT.GNU_STACK, flags: PF.R | PF.W, align: 16 },
  ];
  const header = encodeStruct(ELF64_EHDR, {
    ident: IDENT,
    type: ET.EXEC,
    machine: EM.X86_64,
    version: 1,
    entry: STAGE0_ADDRESS + HEADERS_SIZE,
    phoff: ELF64_EHDR.size,
    ehsize: ELF64_EHDR.size,
    phentsize: ELF64_PHDR.size,
    phnum: headers.length,
  });
  return Buffer.concat([
    header,
    ...headers.map((each) => encodeStruct(ELF64_PHDR, each)),
  ]);
}

function pages(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}

/** To whole words. */
function align(size: number): number {
  return Math.ceil(size / 8) * 8;
}

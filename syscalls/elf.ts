/** Reading and changing ELF files for x86-64 and their like: elf(5). */

import { ET, PT } from "./constants/elf.table.ts";
import { encodeStruct } from "./struct.ts";
import { ELF64_EHDR, ELF64_PHDR } from "./structs.ts";
import type { Values } from "./struct.ts";

/** A program header: what to map, from where to where. */
export interface ProgramHeader {
  readonly index: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** An executable of a fixed address. */
export interface Executable {
  readonly bytes: Uint8Array;
  readonly entry: number;
  /** The offset of the program headers in the file. */
  readonly headersAt: number;
  readonly headers: readonly ProgramHeader[];
}

const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1] as const;

/** Reads the headers of a 64-bit little-endian executable. Throws RangeError for any other file. */
export function parseExecutable(bytes: Uint8Array): Executable {
  if (MAGIC.some((byte, index) => bytes[index] !== byte))
    throw new RangeError("not a 64-bit ELF file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { fields } = ELF64_EHDR;
  if (view.getUint16(fields.type.offset, true) !== ET.EXEC)
    throw new RangeError("not an executable of a fixed address (ET_EXEC)");
  const headersAt = Number(view.getBigUint64(fields.phoff.offset, true));
  const count = view.getUint16(fields.phnum.offset, true);
  return {
    bytes,
    entry: Number(view.getBigUint64(fields.entry.offset, true)),
    headersAt,
    headers: Array.from({ length: count }, (_, index) =>
      parseHeader(view, headersAt, index),
    ),
  };
}

function parseHeader(
  view: DataView,
  headersAt: number,
  index: number,
): ProgramHeader {
  const at = headersAt + index * ELF64_PHDR.size;
  const { fields } = ELF64_PHDR;
  const u64 = (offset: number) => Number(view.getBigUint64(at + offset, true));
  return {
    index,
    type: view.getUint32(at + fields.type.offset, true),
    flags: view.getUint32(at + fields.flags.offset, true),
    offset: u64(fields.offset.offset),
    address: u64(fields.vaddr.offset),
    fileSize: u64(fields.filesz.offset),
    memorySize: u64(fields.memsz.offset),
  };
}

/** The only header of a type. Throws RangeError if there is none or more than one. */
export function onlyHeader(
  executable: Executable,
  type: keyof typeof PT,
): ProgramHeader {
  const found = executable.headers.filter((header) => header.type === PT[type]);
  if (found.length !== 1)
    throw new RangeError(
      `the executable has ${found.length} headers PT_${type}`,
    );
  return found[0]!;
}

/** Replaces a program header in place. */
export function writeHeader(
  executable: Executable,
  index: number,
  values: Values<(typeof ELF64_PHDR)["fields"]>,
): void {
  executable.bytes.set(
    encodeStruct(ELF64_PHDR, values),
    executable.headersAt + index * ELF64_PHDR.size,
  );
}

/** Changes only the type of a program header. */
export function writeHeaderType(
  executable: Executable,
  index: number,
  type: number,
): void {
  const at = executable.headersAt + index * ELF64_PHDR.size;
  new DataView(executable.bytes.buffer, executable.bytes.byteOffset).setUint32(
    at,
    type,
    true,
  );
}

/** Changes the address at which the executable starts. */
export function writeEntry(executable: Executable, entry: number): void {
  const view = new DataView(
    executable.bytes.buffer,
    executable.bytes.byteOffset,
  );
  view.setBigUint64(ELF64_EHDR.fields.entry.offset, BigInt(entry), true);
}

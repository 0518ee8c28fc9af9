/** A small ELF file with the headers that matter, as `bun build --compile` makes them. */

import { ET, PF, PT } from "../../../syscalls/constants/elf.table.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import type { Values } from "../../../syscalls/struct.ts";
import { ELF64_EHDR, ELF64_PHDR } from "../../../syscalls/structs.ts";

export const INTERPRETER = "/lib64/ld-linux-x86-64.so.2";
export const BASE = 0x20_0000;
const SIZE = 0x1234;
const TEXT_AT = 0x800;

type Header = Values<(typeof ELF64_PHDR)["fields"]>;

/** PHDR, INTERP, LOAD, GNU_STACK, NOTE: what Bun's executable has. */
export const HEADERS: readonly Header[] = [
  {
    type: PT.PHDR,
    flags: PF.R,
    offset: 64,
    vaddr: BASE + 64,
    filesz: 5 * 56,
    memsz: 5 * 56,
  },
  {
    type: PT.INTERP,
    flags: PF.R,
    offset: TEXT_AT,
    vaddr: BASE + TEXT_AT,
    filesz: INTERPRETER.length + 1,
  },
  {
    type: PT.LOAD,
    flags: PF.R | PF.X,
    offset: 0,
    vaddr: BASE,
    filesz: SIZE,
    memsz: 0x5000,
  },
  { type: PT.GNU_STACK, flags: PF.R | PF.W },
  {
    type: PT.NOTE,
    flags: PF.R,
    offset: 0x900,
    vaddr: BASE + 0x900,
    filesz: 0x44,
    memsz: 0x44,
  },
];

/** An executable with these headers; `ehdr` changes fields of the ELF header, `ident` its first bytes. */
export function smallExecutable(
  headers: readonly Header[] = HEADERS,
  {
    ident = [],
    ehdr = {},
  }: {
    ident?: readonly number[];
    ehdr?: Values<(typeof ELF64_EHDR)["fields"]>;
  } = {},
): Uint8Array {
  const bytes = new Uint8Array(SIZE).fill(0xcc);
  bytes.set(
    encodeStruct(ELF64_EHDR, {
      type: ET.EXEC,
      machine: 62,
      version: 1,
      entry: BASE + 0x1000,
      phoff: 64,
      ehsize: ELF64_EHDR.size,
      phentsize: ELF64_PHDR.size,
      phnum: headers.length,
      ...ehdr,
    }),
  );
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.set(ident);
  headers.forEach((header, index) =>
    bytes.set(encodeStruct(ELF64_PHDR, header), 64 + index * ELF64_PHDR.size),
  );
  bytes.set(Buffer.from(`${INTERPRETER}\0`), TEXT_AT);
  return bytes;
}

/** Writes a static executable of one segment: elf(5). */

import { EM, ET, PF, PT } from "./constants/elf.table.ts";
import type { Program } from "./program.ts";
import { encodeStandalone } from "./standalone.ts";
import { encodeStruct } from "./struct.ts";
import { ELF64_EHDR, ELF64_PHDR } from "./structs.ts";

const PAGE = 4096;
/** ELF magic, 64 bits, little endian, version 1. */
const IDENT = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1);
/** Where the file is mapped, and the memory of its Program behind it. */
const ADDRESS = 0x40_0000;
const MEMORY = 0x800_0000;
/** The first words of the memory: the address of argc, and that of a next stack. */
export const STACK_ADDRESS = MEMORY;
const NEXT_STACK_ADDRESS = MEMORY + 8;
/** The state of its Program: STATE of record.ts tells its first words. */
export const STATE_ADDRESS = MEMORY + 16;
/** A place between the headers and the Program, for words to it from whoever writes the file. */
export const WORD_OFFSET = 0xc0;
/** Where the image begins in the file and in memory: close behind, since each page of a file in memory takes time to be made. */
export const IMAGE_OFFSET = 0x100;
export const IMAGE_ADDRESS = ADDRESS + IMAGE_OFFSET;
/** Where the Program finds them. */
export const WORD_ADDRESS = ADDRESS + WORD_OFFSET;

/**
 * An executable that plays the Program, which finds the address of argc at
 * STACK_ADDRESS and never stops: it ends by execve or exit.
 */
export function writeExecutable(program: Program): Uint8Array {
  const image = encodeStandalone(program, {
    image: IMAGE_ADDRESS,
    memory: MEMORY,
    state: STATE_ADDRESS,
    stack: STACK_ADDRESS,
    nextStack: NEXT_STACK_ADDRESS,
  });
  const file = new Uint8Array(IMAGE_OFFSET + image.length);
  const headers = [
    {
      type: PT.LOAD,
      flags: PF.R | PF.X,
      vaddr: ADDRESS,
      paddr: ADDRESS,
      filesz: file.length,
      memsz: file.length,
      align: PAGE,
    },
    // Without it the kernel would make the stack executable.
    { type: PT.GNU_STACK, flags: PF.R | PF.W, align: 16 },
  ];
  file.set(
    encodeStruct(ELF64_EHDR, {
      ident: IDENT,
      type: ET.EXEC,
      machine: EM.X86_64,
      version: 1,
      entry: IMAGE_ADDRESS,
      phoff: ELF64_EHDR.size,
      ehsize: ELF64_EHDR.size,
      phentsize: ELF64_PHDR.size,
      phnum: headers.length,
    }),
  );
  headers.forEach((header, index) =>
    file.set(
      encodeStruct(ELF64_PHDR, header),
      ELF64_EHDR.size + index * ELF64_PHDR.size,
    ),
  );
  file.set(image, IMAGE_OFFSET);
  return file;
}

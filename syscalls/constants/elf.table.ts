/** Program headers of ELF files: linux/elf.h, elf(5). */

/** The type of a program header. */
export const PT = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  PHDR: 6,
  TLS: 7,
  GNU_STACK: 0x6474e551,
} as const;

/** A type of ours, in the range that is the operating system's own: no loader looks at it. */
export const PT_HIDDEN = 0x6fffff00;

/** The flags of a program header. */
export const PF = { X: 1, W: 2, R: 4 } as const;

/** The type of an ELF file. */
export const ET = { EXEC: 2, DYN: 3 } as const;

/** The machine of an ELF file. */
export const EM = { X86_64: 62 } as const;

/** Registers, and what instructions are made of. Source: Intel SDM volume 2. */

export const REGISTERS = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
] as const;

/** A 64-bit general register. */
export type Register = (typeof REGISTERS)[number];

/** Condition codes of conditional jumps, as the low opcode nibble. */
export const CONDITIONS = {
  below: 0x2,
  aboveOrEqual: 0x3,
  equal: 0x4,
  notEqual: 0x5,
  belowOrEqual: 0x6,
  above: 0x7,
  negative: 0x8,
  less: 0xc,
  greaterOrEqual: 0xd,
  lessOrEqual: 0xe,
  greater: 0xf,
} as const;

/** A condition of the flags after `compare` or `test`; below/above are unsigned, less/greater signed. */
export type Condition = keyof typeof CONDITIONS;

export const ARITHMETIC = {
  add: 0x01,
  or: 0x09,
  and: 0x21,
  subtract: 0x29,
  xor: 0x31,
  compare: 0x39,
  test: 0x85,
} as const;
export const SHIFT = { left: 4, right: 5 } as const;
export const LOAD = {
  1: [0x0f, 0xb6],
  2: [0x0f, 0xb7],
  4: [0x8b],
  8: [0x8b],
} as const;
export const STORE = { 1: 0x88, 2: 0x89, 4: 0x89, 8: 0x89 } as const;

/** A width of a memory access in bytes; narrow loads are zero-extended. */
export type Width = 1 | 2 | 4 | 8;

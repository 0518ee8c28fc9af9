/** ioctl(2) on a terminal: asm/ioctls.h. */

/** The kernel's TIOCSTI and so on. */
export const TIOC = {
  EXCL: 0x540c,
  SCTTY: 0x540e,
  GPGRP: 0x540f,
  SPGRP: 0x5410,
  /** Puts a byte into the input queue, as if it had been typed. */
  STI: 0x5412,
  GWINSZ: 0x5413,
  SWINSZ: 0x5414,
  /** Of virtual consoles: among much else it pastes a selection as input. */
  LINUX: 0x541c,
  NOTTY: 0x5422,
  GSID: 0x5429,
} as const;

/** The kernel's TCGETS and so on. */
export const TC = { GETS: 0x5401, SETS: 0x5402, SETSW: 0x5403 } as const;

/**
 * The form of a Program in memory: fixed-size records that the player performs
 * one after another. Encoder, player and model share these numbers; nothing
 * else knows them.
 */

/** Where the fields of a record are, in bytes. */
export const RECORD = {
  /** u32: a system call number, or CONTROL_BIT and a control operation. */
  operation: 0,
  /** u32: ARGUMENT_IS_REFERENCE bits and the failure policy. */
  flags: 4,
  /** six u64: a number, an address, or the address of the number. */
  argument: 8,
  /** u64: the address where the result goes. */
  result: 56,
  /** u64: the record to go on with after a failure, or when a branch is taken. */
  target: 64,
  size: 72,
} as const;

/** Bit i: argument i is the address of its value. */
export const ARGUMENTS = 6;
/** A failed call does not stop the Program: it goes on with the next record. */
export const FLAG_CONTINUE = 8;
/** A failed call is a fault: record and result are kept in the state's first words. */
export const FLAG_FAULT = 9;
/** The high bit of `operation`: not a system call. */
export const CONTROL_BIT = 0x8000_0000;
/** Results from here up (unsigned) are negated errnos: MAX_ERRNO of linux/err.h. */
export const MAX_ERRNO = 4095;

/** The first words of a Program's state. */
export const STATE = {
  /** u64: the address of the record that failed, or 0. */
  faultRecord: 0,
  /** u64: what it returned. */
  faultResult: 8,
  size: 16,
} as const;

/**
 * What a record can do besides a system call. `a`, `b`, `c` are the first
 * arguments. Order is the number; the player's jump table follows it.
 */
export const CONTROL = [
  /** result = a */
  "set",
  /** result = a + b */
  "add",
  /** result = a - b */
  "subtract",
  /** result = a & b */
  "and",
  /** result = a | b */
  "or",
  /** result = a << b */
  "shiftLeft",
  /** result = a >> b, zeros come in */
  "shiftRight",
  /** result = one, two, four or eight bytes at a + b, zero-extended */
  "load1",
  "load2",
  "load4",
  "load8",
  /** the low one, four or eight bytes of c go to a + b */
  "store1",
  "store4",
  "store8",
  /** c bytes are copied from b to a */
  "copy",
  /** result = the index of the first byte c among the b bytes at a, or b */
  "find",
  /** go on at target if a = b, a ≠ b, a < b signed, a < b unsigned */
  "jumpEqual",
  "jumpNotEqual",
  "jumpLess",
  "jumpBelow",
  /** go on at record a */
  "jump",
  /** fail as a call would that returned a */
  "fail",
  /** result = the value with which another Program stops, from its first record a on with the state b */
  "perform",
  /** leave the player with a as its value */
  "stop",
] as const;

export type Control = (typeof CONTROL)[number];

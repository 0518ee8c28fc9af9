/**
 * The form of packed records (pack.ts), which packer and unpacker share: shapes,
 * then sections, each of records or of bytes that stay as they are: those are
 * apart.
 */

import { ARGUMENTS, RECORD } from "../record.ts";

/**
 * A word is `base + scale * number`; in a row of scale 0 it has no number. From
 * `slot` on the word is the row's next base: what is near to the last one takes
 * a small number.
 */
export const ROW_SIZE = 16;

/** The rows of a section that has records. */
export const ROW = {
  zero: 0,
  /** The last target of the records before. */
  target: 1,
  /** Where results go that nobody wants: the first slot. */
  discarded: 2,
  number: 3,
  /** Another record, from the present one on; its base goes with it. */
  record: 4,
  slot: 5,
  /** Places that the section's Program points at. */
  place: 6,
} as const;
/** So that four bits tell which. */
export const ROWS = 16;

/** u32: how many records, or how many bytes, and the offset in the image. Then the rows, if there are records. */
export const SECTION = { records: 0, bytes: 4, at: 8, rows: 12 } as const;
export const ROWS_SIZE = ROWS * ROW_SIZE;

/**
 * Operation and flags, as in a record; then four bits for each word: its row.
 * The first bytes of all shapes stand together, then the second ones.
 */
export const SHAPE_SIZE = RECORD.argument + 4;

/** The arguments, the result and the target. */
export const WORDS = ARGUMENTS + 2;

/**
 * A number's lowest bit tells whether it is the complement of the rest. Its
 * first byte is the number itself, or from `two` on its upper part, or from
 * `more` on how many bytes follow, less one.
 */
export const NUMBER = { two: 0xc0, more: 0xf8 } as const;

/** A section's head and a record of the longest numbers take less; so much may be read behind the end. */
export const SLACK = 1024;

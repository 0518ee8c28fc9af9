/**
 * The form of packed records (pack.ts), which packer and unpacker share: shapes,
 * then sections, each of records and of bytes that stay as they are.
 */

import { ARGUMENTS, RECORD } from "../record.ts";

/** A word is `base + scale * number`; in a row of scale 0 it has no number. */
export const ROW_SIZE = 16;

/** The rows of a section. */
export const ROW = {
  zero: 0,
  /** The last target of the records before. */
  target: 1,
  /** Where results go that nobody wants: the first slot. */
  discarded: 2,
  slot: 3,
  number: 4,
  negative: 5,
  /** Another record, from the present one on; their base goes with it. */
  later: 6,
  earlier: 7,
  /** Places that the section's Program points at. */
  place: 8,
} as const;
/** So that four bits tell which. */
export const ROWS = 16;

/**
 * u32: how many records, and how many bytes behind them; u64: the offset in the
 * image; then the rows. One of nothing: what comes then is unpacked later.
 */
export const SECTION = { records: 0, bytes: 4, at: 8, rows: 16 } as const;
export const SECTION_SIZE = SECTION.rows + ROWS * ROW_SIZE;

/** Operation and flags, as in a record; then four bits for each word: its row. */
export const SHAPE_SIZE = RECORD.argument + 4;

/** The words, by their offsets behind the flags: result and target, then the arguments, of which the last are mostly zero. */
export const WORDS = ARGUMENTS + 2;
export const FIRST_WORD = RECORD.result - RECORD.argument;
export const WORD_MASK = 8 * (WORDS - 1);

/** A number's first byte: itself, or from `two` on the number's upper part, or from `more` on how many bytes follow, less one. */
export const NUMBER = { two: 0xc0, more: 0xf8 } as const;

/** A section's head and a record of the longest numbers take less; so much may be read behind the end. */
export const SLACK = 1024;

/**
 * `--tmpfs OPT DST`. Security: OPT never reaches the kernel as text. Only the
 * five words below are understood, each is turned into a number within bounds,
 * and the planner makes the mount from the numbers; an unknown word, a set-id
 * bit, or a size without limit (0, a percentage) is an error.
 */

import { quote, type Bytes } from "../plan/bytes.ts";
import {
  DEFAULT_TMPFS_INODES,
  DEFAULT_TMPFS_MODE,
  DEFAULT_TMPFS_SIZE,
  type TmpfsRequest,
} from "../plan/request.ts";
import { isDecimal } from "./is-decimal.ts";
import { usageError } from "./usage-error.ts";

/** Beyond this a size is not a size but a mistake; every number below is exact. */
const LARGEST = 2 ** 52;
/** The kernel keeps -1 for "no id". */
const LARGEST_ID = 2 ** 32 - 2;
const LARGEST_MODE = 0o1777;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
};

/** A number of bytes such as `4K`, at least 1; null if it is none. */
export function parseSize(text: string): number | null {
  const [, digits, unit] = /^([1-9][0-9]{0,15})([kmg]?)$/i.exec(text) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? ""];
  if (digits === undefined || factor === undefined) return null;
  const size = Number(digits) * factor;
  return size <= LARGEST ? size : null;
}

/** A decimal number without sign or leading zeros; null if it is none. */
function parseCount(text: string, least: number, most: number): number | null {
  if (!isDecimal(text, 16)) return null;
  const count = Number(text);
  return count >= least && count <= most ? count : null;
}

function parseMode(text: string): number | null {
  if (!/^[0-7]{1,5}$/.test(text)) return null;
  const mode = Number.parseInt(text, 8);
  return mode <= LARGEST_MODE ? mode : null;
}

interface WordRow {
  readonly field: "size" | "inodes" | "mode" | "uid" | "gid";
  readonly parse: (text: string) => number | null;
  readonly allowed: string;
}

const WORDS: Readonly<Record<string, WordRow>> = {
  size: {
    field: "size",
    parse: parseSize,
    allowed:
      "a number of bytes from 1 to 2^52, with k, m or g after it if you like",
  },
  nr_inodes: {
    field: "inodes",
    parse: (text) => parseCount(text, 1, LARGEST),
    allowed: "a decimal number from 1 to 2^52",
  },
  mode: {
    field: "mode",
    parse: parseMode,
    allowed: "an octal number up to 1777",
  },
  uid: {
    field: "uid",
    parse: (text) => parseCount(text, 0, LARGEST_ID),
    allowed: "a decimal user id",
  },
  gid: {
    field: "gid",
    parse: (text) => parseCount(text, 0, LARGEST_ID),
    allowed: "a decimal group id",
  },
};

const HINT =
  "OPT is '' or a list like size=4K,mode=700 of size=N[k|m|g], nr_inodes=N, mode=OCTAL, uid=N, gid=N";

/** The tmpfs that `--tmpfs OPT target` asks for. */
export function parseTmpfs(options: Bytes, target: Bytes): TmpfsRequest {
  const given: Partial<Record<WordRow["field"], number>> = {};
  for (const item of options === "" ? [] : options.split(",")) {
    const equals = item.indexOf("=");
    const name = equals < 0 ? item : item.slice(0, equals);
    const row = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
    if (row === undefined) {
      throw usageError(
        `Cannot use ${quote(name as Bytes)} in OPT of --tmpfs: it is not one of ${Object.keys(WORDS).join(", ")}`,
        HINT,
      );
    }
    if (given[row.field] !== undefined) {
      throw usageError(
        `Cannot use ${name}= in OPT of --tmpfs twice: which one counts is not clear`,
        HINT,
      );
    }
    const value = equals < 0 ? null : row.parse(item.slice(equals + 1));
    if (value === null) {
      throw usageError(
        `Cannot use ${quote(item as Bytes)} in OPT of --tmpfs: ${name}= takes ${row.allowed}`,
        HINT,
      );
    }
    given[row.field] = value;
  }
  return {
    kind: "tmpfs",
    target,
    size: given.size ?? DEFAULT_TMPFS_SIZE,
    inodes: given.inodes ?? DEFAULT_TMPFS_INODES,
    mode: given.mode ?? DEFAULT_TMPFS_MODE,
    uid: given.uid ?? null,
    gid: given.gid ?? null,
  };
}

/** `--scratch [SIZE]`. */

import { DEFAULT_SCRATCH_SIZE } from "../plan/request.ts";
import { parseSize } from "./parse-tmpfs.ts";
import { valueError, type GivenValue } from "./usage-error.ts";

/** The layer of memory itself takes some kilobytes. */
const LEAST_SIZE = 2 ** 20;

/** A word that begins with a digit may have been meant as the COMMAND. */
export function parseScratch(given: GivenValue | undefined): number {
  if (given === undefined) return DEFAULT_SCRATCH_SIZE;
  const size = parseSize(given.value);
  if (size !== null && size >= LEAST_SIZE) return size;
  throw valueError(
    { ...given, called: "SIZE" },
    "it is not a number of bytes from 1m to 2^52, with k, m or g after it if you like",
    'a COMMAND that begins with a digit stands after "--"',
  );
}

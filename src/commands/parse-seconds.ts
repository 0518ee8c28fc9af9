/** SECONDS, to the millisecond. */

import { valueError, type GivenValue } from "./usage-error.ts";

/** A day. */
const MOST = 86_400;

export function parseSeconds(given: GivenValue): number {
  const form = /^[0-9]{1,5}(\.[0-9]{1,3})?$/;
  const seconds = form.test(given.value) ? Number(given.value) : -1;
  if (seconds >= 0 && seconds <= MOST) return seconds;
  throw valueError(
    given,
    "it is not a decimal number from 0 to 86400, with up to three decimals",
  );
}

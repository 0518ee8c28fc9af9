/**
 * The word by which the launcher, executing its own file again, tells stage 0 to
 * supervise: the only variable of the environment. It gives nobody anything:
 * who supervises has first given up every privilege.
 */

import type { Bytes } from "../plan/bytes.ts";

export const SUPERVISE_VARIABLE = "SELFDOCK_SUPERVISE=";

/** Behind the variable's name: where the fields are, in bytes. */
export const WORD = {
  /** The process id of the instance's pid 1: hexadecimal digits. */
  child: 0,
  childDigits: 8,
  /** One of GROUP: a digit. */
  group: 8,
  /** The name that the process shall have, to the end. */
  name: 9,
} as const;

export function renderSuperviseWord({
  child,
  group,
  name,
}: {
  child: number;
  group: number;
  name: Bytes;
}): string {
  const id = child.toString(16).padStart(WORD.childDigits, "0");
  return `${SUPERVISE_VARIABLE}${id}${group}${name}`;
}

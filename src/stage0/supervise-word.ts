/**
 * The word by which the launcher, executing its own file again, tells stage 0 to
 * supervise: the only variable of the environment. It gives nobody anything:
 * who supervises has first given up every privilege.
 */

import type { Bytes } from "../plan/bytes.ts";

export const SUPERVISE_VARIABLE = "SELFDOCK_SUPERVISE=";

/** Behind the variable's name: where the fields are, in bytes. */
export const WORD = {
  /** The process id of the instance's pid 1, or of what entered: hexadecimal digits. */
  child: 0,
  digits: 8,
  /** One of GROUP: a digit. */
  group: 8,
  /** The descriptor of the init's reports: hexadecimal digits; all f without an init. */
  reports: 9,
  /** 1 if the child is the first of its pid namespace: a digit. */
  first: 17,
  /** The name that the process shall have, to the end. */
  name: 18,
} as const;

/** The descriptor that stands for "no init". */
export const NO_REPORTS = 0xffff_ffff;

export function renderSuperviseWord({
  child,
  group,
  reports,
  first,
  name,
}: {
  child: number;
  group: number;
  reports: number | null;
  first: boolean;
  name: Bytes;
}): string {
  const numbers = `${hexadecimal(child)}${group}${hexadecimal(reports ?? NO_REPORTS)}${first ? 1 : 0}`;
  return `${SUPERVISE_VARIABLE}${numbers}${name}`;
}

function hexadecimal(value: number): string {
  return value.toString(16).padStart(WORD.digits, "0");
}

/** Operands that print with the kernel's names. */

import { describeFlags } from "../flags.ts";
import type { Flags } from "../flags.ts";
import { AT_FDCWD } from "../constants/open.table.ts";
import { shown } from "../program.ts";
import type { Shown } from "../program.ts";

/** A set of flags that prints as `MS_REC|MS_SLAVE`. */
export function flag<F extends string>(family: F, value: Flags<F>): Shown {
  return shown(value, () => describeFlags(family, value));
}

/** A number of a table that prints as `PR_SET_NAME`. */
export function named<N extends string>(
  prefix: string,
  table: Readonly<Record<N, number>>,
  name: N,
): Shown {
  return shown(table[name], `${prefix}_${name}`);
}

/** The working directory, where a directory descriptor is wanted. */
export const WORKING_DIRECTORY = shown(AT_FDCWD, "AT_FDCWD");
/** A null pointer. */
export const NULL = shown(0, "NULL");

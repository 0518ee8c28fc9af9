/** The kernel's resource limits by the names that users know: setrlimit(2). */

import {
  RLIM_INFINITY,
  RLIMIT,
} from "../../syscalls/constants/process.table.ts";

export type Resource = keyof typeof RLIMIT;

/** The resource of that name, which users write in lower case. */
export function findResource(name: string): Resource | null {
  const upper = name.toUpperCase();
  const known = name === name.toLowerCase() && Object.hasOwn(RLIMIT, upper);
  return known ? (upper as Resource) : null;
}

/** All their names. */
export function resourceNames(): readonly string[] {
  return Object.keys(RLIMIT)
    .map((name) => name.toLowerCase())
    .toSorted();
}

/** No limit. */
export const UNLIMITED: bigint = RLIM_INFINITY;

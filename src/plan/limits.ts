/** The kernel's resource limits by the names that users know: setrlimit(2). */

import {
  RLIM_INFINITY,
  RLIMIT,
} from "../../syscalls/constants/process.table.ts";

export type Resource = keyof typeof RLIMIT;

/** By their names in lower case. */
export const RESOURCES: ReadonlyMap<string, Resource> = new Map(
  Object.keys(RLIMIT).map((name) => [name.toLowerCase(), name as Resource]),
);

/** No limit. */
export const UNLIMITED: bigint = RLIM_INFINITY;

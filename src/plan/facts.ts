/** What planning needs to know of the host and the caller: found out before (src/launch), never during. */

import type { Bytes } from "./bytes.ts";
import type { SubordinateIds } from "./subordinate-ids.ts";

/** The caller's state as stage 0 found it. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  /** The environment, and the address of its array of pointers. */
  readonly environment: readonly Bytes[];
  readonly environmentAddress: number;
  /** The address of the pointer to each variable's bytes. */
  readonly variableAddress: (index: number) => number;
  /** The address of the array of pointers that begins with the command. */
  readonly commandAddress: number;
  /** The path of the working directory, or null if it has none any more. */
  readonly directory: Bytes | null;
  /** A descriptor of the working directory, or null if it cannot be opened. */
  readonly directoryDescriptor: number | null;
  /** Bit n-1 is signal n. */
  readonly ignoredSignals: bigint;
  readonly blockedSignals: bigint;
  readonly fileLimit: Limit;
  readonly coreLimit: Limit;
  /** The path of the terminal that is one of descriptors 0 to 2, or null. */
  readonly terminal: Bytes | null;
}

export interface Limit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** How an instance is made: in a user namespace, or with root's own privilege. */
export type Mode = "rootless" | "privileged";

export interface Facts {
  readonly mode: Mode;
  readonly caller: Caller;
  /**
   * Places below the root filesystem where something is mounted on it, relative
   * to it, or null if the kernel lists them itself (statmount, listmount).
   */
  readonly covered: readonly Bytes[] | null;
  /** Asked for with `--as-root` only; else null. */
  readonly subordinate: SubordinateIds | null;
}

/** What planning needs to know of the host and the caller: found out before (src/launch), never during. */

import type { Bytes } from "./bytes.ts";
import type { SubordinateIds } from "./subordinate-ids.ts";

/**
 * What the plan needs to know of the caller. Everything else of it the Program
 * finds out by itself: see caller.ts.
 */
export interface Caller {
  /**
   * Whether others may play the Program later, from other directories (a baked
   * file): it finds out by itself what is known of this caller here.
   */
  readonly anybody: boolean;
  /** The plan asks whether it is root's, and whether `uid=` and `gid=` are the caller's own. */
  readonly uid: number;
  readonly gid: number;
  /** Which of the arguments is the command. */
  readonly commandIndex: number;
  /** For the options that change it: the environment, and the address of each variable's bytes. */
  readonly environment: readonly Bytes[];
  readonly variableAddress: (index: number) => number;
  /** The path of the working directory, or null if it has none any more: for sources that are their own target. */
  readonly directory: Bytes | null;
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
  /** Each launch may say where its command begins: see `commandDirectory` of the handover. */
  readonly spawned: boolean;
  /** Asked for with `--as-root` only; else null. */
  readonly subordinate: SubordinateIds | null;
}

/** What /proc/self/ns leads to in the namespaces that the machine started with: PROC_USER_INIT_INO and PROC_CGROUP_INIT_INO. */
export const INITIAL_NAMESPACE = {
  user: "user:[4026531837]",
  cgroup: "cgroup:[4026531835]",
} as const;

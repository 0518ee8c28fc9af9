/** What entering needs to know of the instance, found out before: src/launch/probe-target.ts. */

/**
 * The namespaces that an instance has of its own, in the order in which they are
 * joined: the user namespace gives the right to the others, and what is looked
 * up by a path comes last.
 */
export const JOINED = ["user", "ipc", "uts", "net", "mnt", "pid"] as const;

export type NamespaceName = (typeof JOINED)[number];

export interface Target {
  /** Its process: pid 1, or, where that is an init with root's privilege behind it, the command. */
  readonly pid: number;
  /** The same by descriptor, opened before anything was looked at. */
  readonly descriptor: number;
  /** Those that are not our own. */
  readonly namespaces: readonly NamespaceName[];
  /** The inode of the mount namespace that was looked at, where it was made with root's privilege. */
  readonly mountNamespace: number | null;
  /** The numbers of the capabilities that pid 1 was started with. */
  readonly capabilities: readonly number[];
}

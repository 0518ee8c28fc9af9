/** What a baked file is made of: all that its bytes depend on. */

import type { Request } from "../../plan/request.ts";
import type { SubordinateIds } from "../../plan/subordinate-ids.ts";

/** The ids of a user. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Recipe {
  /** Complete: what the config of an image says is in it. */
  readonly request: Request;
  /** Who alone may start the file, or null: everybody. */
  readonly owner: Owner | null;
  /** For `--as-root`; else null. */
  readonly subordinate: SubordinateIds | null;
}

/** Whether the request means something else for another user: ids that stand in it. */
export function dependsOnIds({ asRoot, mounts }: Request): boolean {
  const named = mounts.some(
    (mount) =>
      mount.kind === "tmpfs" && (mount.uid !== null || mount.gid !== null),
  );
  return asRoot || named;
}

/** What `--scratch` takes to be planned. */

import type { Bytes } from "./bytes.ts";
import type { Facts } from "./facts.ts";
import type { Request } from "./request.ts";

const ROOT = "/" as Bytes;

export interface Scratch {
  /** Bytes. */
  readonly size: number;
  /** The directories on the way to where the command starts: `/a` and `/a/b` for `/a/b/c`. */
  readonly way: readonly string[];
}

/** Null if it is not asked for. */
export function scratchOf(request: Request, facts: Facts): Scratch | null {
  const { scratch: size, workingDirectory } = request;
  if (size === null) return null;
  const { anybody, directory } = facts.caller;
  const start = workingDirectory ?? (anybody ? null : directory) ?? ROOT;
  const names = start.split("/").filter((name) => name !== "");
  // What the root has at /tmp is out of sight.
  const way = (names[0] === "tmp" ? [] : names)
    .slice(0, -1)
    .map((_, at) => `/${names.slice(0, at + 1).join("/")}`);
  return { size, way };
}

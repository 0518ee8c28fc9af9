/** What a request wants besides its words, seen from all of it. */

import type { Request } from "./request.ts";

/** The host's file that another network or another root may have no use for. */
export const RESOLVER = "/etc/resolv.conf";

/** What else is wanted, seen from the mounts. */
export function wantedOf({ mounts, network }: Request): {
  readonly tmp: boolean;
  readonly resolver: boolean;
  readonly hides: boolean;
} {
  return {
    tmp: !mounts.some(({ target }) => target === "/tmp"),
    resolver:
      network === "host" &&
      !mounts.some(
        ({ kind, target }) => kind !== "hide" && target === RESOLVER,
      ),
    hides: mounts.some(({ kind }) => kind === "hide"),
  };
}

/** The numbers as the kernel reads them. */
export function tmpfsTexts({
  size,
  inodes,
  mode,
}: {
  readonly size: number;
  readonly inodes: number;
  readonly mode: number;
}): { readonly size: string; readonly inodes: string; readonly mode: string } {
  return { size: String(size), inodes: String(inodes), mode: mode.toString(8) };
}

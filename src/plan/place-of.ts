/** Where a mount goes, and what nobody can have wanted, found out before anything is planned. */

import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { SelfdockError } from "./error.ts";
import type { Caller } from "./facts.ts";
import { idsInside } from "./ids-inside.ts";
import { joinPath } from "./path.ts";
import type { MountRequest, Request } from "./request.ts";

const ROOT = "/" as Bytes;

/** Whose mount it is. */
interface Whose {
  readonly caller: Pick<Caller, "uid" | "gid" | "directory" | "anybody">;
}

/** The target, or for `.` the source's own path. */
export function placeOf(mount: MountRequest, { caller }: Whose): Bytes {
  if (!("source" in mount) || mount.target !== ".") return mount.target;
  return joinPath(caller.directory ?? ROOT, mount.source);
}

/** `-v . .`: the place is the caller's directory, whatever that is. */
export function isHere(mount: MountRequest): boolean {
  return "source" in mount && mount.source === "." && mount.target === ".";
}

/** Whether its place depends on where the Program is played. */
export function isKnownLater(mount: MountRequest, { caller }: Whose): boolean {
  return caller.anybody && dependsOnDirectory(mount);
}

function dependsOnDirectory(mount: MountRequest): boolean {
  return (
    "source" in mount && mount.target === "." && !mount.source.startsWith("/")
  );
}

/** Whether anything is named from the caller's directory. */
export function usesDirectory({
  rootfs,
  mounts,
}: Pick<Request, "rootfs" | "mounts">): boolean {
  const sources = mounts.flatMap((mount) =>
    "source" in mount ? [mount.source] : [],
  );
  return [rootfs, ...sources].some((path) => !path.startsWith("/"));
}

/** Throws for what the kernel would allow to root, or do without effect. */
export function requirePossible(
  mount: MountRequest,
  request: Request,
  facts: Whose,
): void {
  const { uid, gid } = idsInside(request, facts);
  if (
    facts.caller.directory === null &&
    !isKnownLater(mount, facts) &&
    dependsOnDirectory(mount)
  ) {
    throw new SelfdockError(
      "usage",
      `Cannot mount at ${quote(mount.target)}: your directory has no path`,
      "it was removed, or lies outside of your root: say where to mount, by an absolute path",
    );
  }
  if (
    !isKnownLater(mount, facts) &&
    joinPath(ROOT, placeOf(mount, facts)) === ROOT
  ) {
    throw new SelfdockError(
      "usage",
      `Cannot mount at ${quote(mount.target)}: it is the root`,
      "another root filesystem is chosen with --rootfs DIR",
    );
  }
  if (mount.kind !== "tmpfs") return;
  for (const [name, given, own] of [
    ["uid", mount.uid, uid],
    ["gid", mount.gid, gid],
  ] as const) {
    if (given === null || given === own) continue;
    throw new SelfdockError(
      "usage",
      `Cannot give the tmpfs at ${quote(mount.target)} to ${name} ${given}: only your own is possible, ${name}=${own}`,
    );
  }
}

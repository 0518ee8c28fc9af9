/** Tables of mounts, as /proc/PID/mountinfo tells them: which of them can be seen. Pure. proc_pid_mountinfo(5). */

import type { Bytes } from "./bytes.ts";

export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `MAJOR:MINOR` of the filesystem. */
  readonly device: string;
  /** What of the filesystem is mounted, and where. */
  readonly root: Bytes;
  readonly place: Bytes;
  readonly readOnly: boolean;
  readonly type: Bytes;
  readonly source: Bytes;
  /** Options of the filesystem itself, such as size=4k. */
  readonly options: readonly string[];
}

const LINE =
  /^(\d+) (\d+) (\d+:\d+) (\S+) (\S+) (\S+)(?: [^-]\S*)* - (\S+) (\S*) (\S+)$/;

export function parseMounts(table: Bytes): readonly Mount[] {
  return table.split("\n").flatMap((line) => {
    const words = LINE.exec(line)?.slice(1);
    if (words === undefined) return [];
    const [id, parent, device, root, place, flags, type, source, options] =
      words as [string, ...string[]];
    const own = options!.split(",");
    return {
      id: Number(id),
      parent: Number(parent),
      device: device!,
      root: unescape(root!),
      place: unescape(place!),
      readOnly: flags!.split(",").includes("ro") || own.includes("ro"),
      type: unescape(type!),
      source: unescape(source!),
      options: own,
    };
  });
}

/** Spaces and the like are written in octal. */
function unescape(text: string): Bytes {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  ) as Bytes;
}

/** Those that a path can lead to, from the root's down: not what another one lies upon. */
export function visibleMounts(mounts: readonly Mount[]): readonly Mount[] {
  const ids = new Set(mounts.map(({ id }) => id));
  const children = Map.groupBy(mounts, ({ parent }) => parent);
  const found: Mount[] = [];
  const visit = (mount: Mount, seen: ReadonlySet<number>): void => {
    if (seen.has(mount.id)) return;
    const upon = new Set(seen).add(mount.id);
    const own = children.get(mount.id) ?? [];
    const top = own.findLast(({ place }) => place === mount.place);
    if (top !== undefined) return visit(top, upon);
    found.push(mount);
    for (const child of own) visit(child, upon);
  };
  const root = mounts.find(
    ({ parent, place }) => place === "/" && !ids.has(parent),
  );
  if (root !== undefined) visit(root, new Set());
  return found;
}

/** Something empty that selfdock has put over what must not be seen. */
export function isCover({ type, root, options }: Mount): boolean {
  return (
    type === "tmpfs" &&
    (root === "/directory" || root === "/file") &&
    options.includes("size=0k")
  );
}

/** The path at which the host has what is mounted; null if it has it nowhere. */
export function pathOnHost(
  { device, root }: Mount,
  host: readonly Mount[],
): Bytes | null {
  const holds = (outer: Bytes) =>
    outer === "/" || root === outer || root.startsWith(`${outer}/`);
  const [best] = visibleMounts(host)
    .filter((mount) => mount.device === device && holds(mount.root))
    .toSorted((a, b) => b.root.length - a.root.length);
  if (best === undefined) return null;
  const rest = best.root === "/" ? root : root.slice(best.root.length);
  const path = `${best.place === "/" ? "" : best.place}${rest === "/" ? "" : rest}`;
  return (path === "" ? "/" : path) as Bytes;
}

/**
 * The places to cover, from the text of mountinfo: for kernels that do not list
 * mounts by a call. The classes are those of plan-covered-places.ts. proc(5).
 */

import { TILE_SOURCE } from "./plan-covered-places.ts";
import type { Bytes } from "./bytes.ts";

interface MountLine {
  readonly id: number;
  readonly parent: number;
  readonly place: Bytes;
  readonly tile: boolean;
}

/** Places relative to `root`, a directory of the mount with the id `mount`. */
export function coveredPlaces(
  mountinfo: Bytes,
  { root, mount }: { root: Bytes; mount: number },
): readonly Bytes[] {
  const below = root === "/" ? "/" : `${root}/`;
  const lines = parseMountinfo(mountinfo);
  const rootIsTile = lines.some(({ id, tile }) => id === mount && tile);
  const classes = new Map<number, "tree" | "tile">([
    [mount, rootIsTile ? "tile" : "tree"],
  ]);
  const places: Bytes[] = [];
  for (const line of parentsFirst(lines)) {
    const parent = classes.get(line.parent);
    if (
      parent === undefined ||
      line.id === mount ||
      !line.place.startsWith(below)
    )
      continue;
    if (line.tile) classes.set(line.id, "tile");
    else if (parent === "tile") classes.set(line.id, "tree");
    else places.push(`/${line.place.slice(below.length)}` as Bytes);
  }
  return places;
}

/** Order is not promised by the file. */
function parentsFirst(lines: readonly MountLine[]): readonly MountLine[] {
  const children = Map.groupBy(lines, ({ parent }) => parent);
  const known = new Set(lines.map(({ id }) => id));
  const ordered = lines.filter(
    ({ parent, id }) => !known.has(parent) || parent === id,
  );
  for (const { id } of ordered)
    ordered.push(...(children.get(id) ?? []).filter((line) => line.id !== id));
  return ordered;
}

function parseMountinfo(text: Bytes): readonly MountLine[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ", 2);
    const fields = before?.split(" ") ?? [];
    const [type, source] = after?.split(" ") ?? [];
    if (fields.length < 6) return [];
    return [
      {
        id: Number(fields[0]),
        parent: Number(fields[1]),
        place: unescapeField(fields[4]!),
        tile: type === "tmpfs" && source === TILE_SOURCE && fields[3] === "/",
      },
    ];
  });
}

/** Space, tab, newline and backslash stand as octal numbers. */
function unescapeField(field: string): Bytes {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  ) as Bytes;
}

/**
 * Finds the places where other filesystems are mounted on the root filesystem,
 * before the root changes: each gets a cover. Security model: a mount that is
 * missed here would be visible in the instance, so every doubt is a failure.
 *
 * A nested instance's root may be tiled (plan-tile.ts): tmpfs mounts of our own
 * whose children are the entries of one directory, to be seen whole. So mounts
 * have a class: a *tree* is shown, what is mounted on it is covered; a *tile* is
 * shown, and what is mounted on it are trees. Mounts on anything else lie behind a
 * cover. Ids ascend from the root's on, parents before children, since the
 * mount namespace was copied a moment ago. listmount(2), statmount(2).
 */

import { statPlace } from "../../syscalls/calls/files.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import {
  LSMT_ROOT,
  STATMOUNT,
} from "../../syscalls/constants/statmount.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  tolerate,
} from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { MNT_ID_REQ, STATMOUNT_BUFFER } from "../../syscalls/structs.ts";
import type { Bytes } from "./bytes.ts";
import type { Instance } from "./instance.ts";

/** Paths, NUL-terminated, one after another: where, and the offset of their end. */
export interface CoveredPlaces {
  readonly list: Data;
  readonly end: Slot;
}

/** `source` of our own tiles, and how its first eight bytes read as a number. */
export const TILE_SOURCE = "selfdock";
const TILE_SOURCE_WORD = Buffer.from(TILE_SOURCE, "latin1").readBigUInt64LE();
const TMPFS_MAGIC = shown(0x0102_1994, "TMPFS_MAGIC");

const CLASS = {
  hidden: 0,
  tree: shown(1, "tree"),
  tile: shown(2, "tile"),
} as const;
/** How many mounts can be told apart, and how many bytes their places may take. */
const MOUNTS = 2 ** 18;
const PLACES_SIZE = 2 ** 22;
const BATCH = 512;
const STATMOUNT_SIZE = STATMOUNT_BUFFER.size + 3 * 4096;
/** The size of the request that Linux 6.8 knows. */
const REQUEST_SIZE = 24;

/** Places that were found before; see Facts. */
export function planKnownPlaces(
  { p }: Instance,
  places: readonly Bytes[],
): CoveredPlaces {
  const text = places.map((place) => `${place}\0`).join("");
  const list = p.buffer("covered places", Buffer.from(`${text}\0`, "latin1"));
  const end = p.slot("end of the covered places");
  set(p, end, text.length);
  return { list, end };
}

/** Asks the kernel. The process's root must be the directory `root`. */
export function planFoundPlaces(instance: Instance, root: Slot): CoveredPlaces {
  const { p, stat } = instance;
  const found = {
    list: p.buffer("covered places", PLACES_SIZE),
    end: p.slot("end of the covered places"),
  };
  const scan: Scan = {
    ...found,
    base: p.slot("root's mount id"),
    classes: p.buffer("classes of mounts", MOUNTS),
    mount: p.buffer("mount", STATMOUNT_SIZE),
    id: p.slot("mount id"),
  };
  statPlace(p, root, {
    buffer: stat,
    fields: { mnt_id: scan.base },
    uniqueMountId: true,
  });
  const { list, asked } = planRequests(instance);
  const [ids, count, index] = [
    p.buffer("mount ids", 8 * BATCH),
    p.slot("how many mounts"),
    p.slot("mount index"),
  ];
  planRootClass(instance, scan, asked.whole);
  loop(p, "batches of mounts", (lastBatch) => {
    store(p, 8, [list, MNT_ID_REQ.fields.param.offset], scan.id);
    p.call("listmount", [list, ids, BATCH, 0], { result: count });
    set(p, index, 0);
    loop(p, "mounts", (leave, again) => {
      jumpIf(p, [index, "==", count], leave);
      planNextId(instance, { ids, index, id: scan.id });
      planQuestion(instance, scan, { ask: asked.parent, gone: again });
      const parentClass = planParentClass(instance, scan, again);
      planQuestion(instance, scan, { ask: asked.whole, gone: again });
      planClassify(instance, scan, { parentClass, next: again });
    });
    jumpIf(p, [count, "below", BATCH], lastBatch);
  });
  return found;
}

/** Asks about the mount of `scan.id`. */
function planQuestion(
  { p }: Instance,
  { mount, id }: Scan,
  { ask, gone }: { ask: Data; gone: Label },
): void {
  store(p, 8, [ask, MNT_ID_REQ.fields.mnt_id.offset], id);
  const result = p.slot("answered");
  tolerate(p, { result, errnos: [ERRNO.ENOENT], then: gone }, (options) => {
    p.call("statmount", [ask, mount, STATMOUNT_SIZE, 0], options);
  });
}

/**
 * What listmount and statmount are asked. First for the parent alone, since most
 * mounts lie behind a cover: whatever is a text takes the kernel a buffer of 12 kB.
 */
function planRequests({ p }: Instance): {
  readonly list: Data;
  readonly asked: { readonly parent: Data; readonly whole: Data };
} {
  const { SB_BASIC, MNT_BASIC, MNT_ROOT, MNT_POINT, SB_SOURCE } = STATMOUNT;
  const request = (name: string, fields: { mnt_id?: bigint; param?: number }) =>
    p.buffer(name, encodeStruct(MNT_ID_REQ, { size: REQUEST_SIZE, ...fields }));
  const whole = union(SB_BASIC, MNT_BASIC, MNT_ROOT, MNT_POINT, SB_SOURCE);
  return {
    list: request("list request", { mnt_id: LSMT_ROOT }),
    asked: {
      parent: request("parent request", { param: MNT_BASIC }),
      whole: request("mount request", { param: whole }),
    },
  };
}

interface Scan extends CoveredPlaces {
  readonly base: Slot;
  readonly classes: Data;
  readonly mount: Data;
  readonly id: Slot;
}

function planNextId(
  { p }: Instance,
  { ids, index, id }: { ids: Data; index: Slot; id: Slot },
): void {
  const at = p.slot("offset of the mount id");
  compute(p, at, [index, "<<", 3]);
  load(p, id, 8, [ids, at]);
  compute(p, index, [index, "+", 1]);
}

/** The class of what the mount is mounted on; goes on at `next` where that is hidden. */
function planParentClass({ p }: Instance, scan: Scan, next: Label): Slot {
  const [parent, number] = [p.slot("parent id"), p.slot("mount number")];
  const parentClass = p.slot("parent's class");
  loadField(p, parent, [STATMOUNT_BUFFER, "mnt_parent_id"], scan.mount);
  jumpIf(p, [parent, "below", scan.base], next);
  compute(p, number, [parent, "-", scan.base]);
  planBound(p, number, MOUNTS);
  load(p, parentClass, 1, [scan.classes, number]);
  jumpIf(p, [parentClass, "==", CLASS.hidden], next);
  return parentClass;
}

/** Decides about the mount in `scan.mount`, and goes on at `next`. */
function planClassify(
  { p }: Instance,
  scan: Scan,
  { parentClass, next }: { parentClass: Slot; next: Label },
): void {
  const number = p.slot("mount number");
  const [noTile, shownWhole] = [p.label("no tile"), p.label("a tile's entry")];
  compute(p, number, [scan.id, "-", scan.base]);
  planBound(p, number, MOUNTS);
  planTileTest(p, scan.mount, noTile);
  store(p, 1, [scan.classes, number], CLASS.tile);
  jump(p, next);
  p.place(noTile);
  jumpIf(p, [parentClass, "==", CLASS.tile], shownWhole);
  planRemember(p, scan);
  jump(p, next);
  p.place(shownWhole);
  store(p, 1, [scan.classes, number], CLASS.tree);
  jump(p, next);
}

/** The root may itself be a tile. */
function planRootClass(instance: Instance, scan: Scan, ask: Data): void {
  const { p } = instance;
  const [noTile, done] = [p.label("no tile"), p.label("root's class is known")];
  store(p, 8, [ask, MNT_ID_REQ.fields.mnt_id.offset], scan.base);
  p.call("statmount", [ask, scan.mount, STATMOUNT_SIZE, 0]);
  planTileTest(p, scan.mount, noTile);
  store(p, 1, [scan.classes, 0], CLASS.tile);
  jump(p, done);
  p.place(noTile);
  store(p, 1, [scan.classes, 0], CLASS.tree);
  p.place(done);
}

/** Goes on at `noTile` unless the mount is a whole tmpfs whose source is ours; a bind of something in it is none. */
function planTileTest(p: Instance["p"], mount: Data, noTile: Label): void {
  const [magic, source, word] = [
    p.slot("magic"),
    p.slot("source"),
    p.slot("source word"),
  ];
  loadField(p, magic, [STATMOUNT_BUFFER, "sb_magic"], mount);
  jumpIf(p, [magic, "!=", TMPFS_MAGIC], noTile);
  loadField(p, source, [STATMOUNT_BUFFER, "sb_source"], mount);
  compute(p, source, [source, "+", addressOf(mount, STATMOUNT_BUFFER.size)]);
  load(p, word, 8, [source, 0]);
  jumpIf(p, [word, "!=", shown(TILE_SOURCE_WORD, `"${TILE_SOURCE}"`)], noTile);
  load(p, word, 1, [source, TILE_SOURCE.length]);
  jumpIf(p, [word, "!=", 0], noTile);
  loadField(p, source, [STATMOUNT_BUFFER, "mnt_root"], mount);
  compute(p, source, [source, "+", addressOf(mount, STATMOUNT_BUFFER.size)]);
  load(p, word, 1, [source, 1]); // behind the slash
  jumpIf(p, [word, "!=", 0], noTile);
}

/** Adds the mount's place to the list. */
function planRemember(p: Instance["p"], { list, end, mount }: Scan): void {
  const [path, length] = [p.slot("place"), p.slot("length")];
  loadField(p, path, [STATMOUNT_BUFFER, "mnt_point"], mount);
  compute(p, path, [path, "+", addressOf(mount, STATMOUNT_BUFFER.size)]);
  p.control("find", [path, 4096, 0], { result: length });
  compute(p, length, [length, "+", 1]);
  const to = p.slot("to");
  compute(p, to, [addressOf(list), "+", end]);
  planBound(p, end, PLACES_SIZE - 2 * 4096);
  p.control("copy", [to, path, length]);
  compute(p, end, [end, "+", length]);
}

/** Fails if the number is not below the limit. */
function planBound(p: Instance["p"], number: Slot, limit: number): void {
  const fine = p.label("in bounds");
  jumpIf(p, [number, "below", limit], fine);
  p.fail(ERRNO.E2BIG, `more than ${limit} mounts`);
  p.place(fine);
}

/**
 * Puts mounts where they belong inside. A place that does not exist is made in
 * memory, never on a disk: see plan-walk.ts and plan-tile.ts.
 *
 * Security model: places are looked up inside the new root, with the user's
 * effective ids, once, and mounted on by descriptor. The lookup cannot leave the
 * root: it is the process's root, and RESOLVE_IN_ROOT besides.
 */

import {
  close,
  duplicate,
  makeDirectory,
  makeEmptyFile,
  openPlace,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  filesystemSetReadOnly,
  moveMountOnto,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Operand, Shown, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { planTile } from "./plan-tile.ts";
import { planComponent, planWalk } from "./plan-walk.ts";
import { asRoot } from "./privilege.ts";

/** A detached mount and its place: `directory` is 1, or 0 for a file. */
export interface Place {
  readonly mount: Slot;
  /** A path, or the address of one. */
  readonly target: string | Shown;
  readonly directory: Operand;
}

export interface Placement {
  place(place: Place): void;
  /** Says that a mount is of our own memory: places in it are simply made. `seal`: it is made read-only at the end. */
  addMemory(mount: Slot, seal: boolean): void;
  /** Makes read-only what is to be sealed. */
  seal(): void;
  /** Writes the subroutines; steps must not run into them. */
  define(): void;
}

/** The action of the subroutine's part. */
export const PLACING = "place a mount";

/** Rows of the table of our own filesystems: device number, descriptor to seal or -1. */
const ROW = 16;
/** 1,000 mounts that a user may ask for, a tile for each, and our own. */
const ROWS = 2048;

/** Variables that the subroutine's rooms share. */
export interface PlacementState {
  readonly mount: Slot;
  readonly path: Slot;
  readonly directory: Slot;
  /** The directory in which a place is missing, then the one in memory that stands for it. */
  readonly holder: Slot;
  readonly target: Slot;
  readonly table: Data;
  readonly rows: Slot;
}

export function planPlacement(instance: Instance): Placement {
  const { p } = instance;
  const state: PlacementState = {
    mount: p.slot("mount to place"),
    path: p.slot("path of the place"),
    directory: p.slot("place is a directory"),
    holder: p.slot("holder"),
    target: p.slot("target"),
    table: p.buffer("our own mounts", ROW * ROWS),
    rows: p.slot("number of our own mounts"),
  };
  const place = subroutine(p, "place a mount");
  const addMemory = (mount: Slot, seal: boolean) =>
    p.part("remember what is our own memory", () =>
      planRow(instance, state, mount, seal),
    );
  return {
    addMemory,
    place: ({ mount, target, directory }) => {
      set(p, state.mount, mount);
      const path = typeof target === "string" ? p.text(target) : target;
      set(p, state.path, path);
      set(p, state.directory, directory);
      callSubroutine(p, place);
    },
    seal: () => planSeal(instance, state),
    define: () =>
      p.part(PLACING, () => define(p, place, () => planPlace(instance, state))),
  };
}

function planPlace(instance: Instance, state: PlacementState): void {
  const { p, root } = instance;
  const { mount, path, target, holder } = state;
  const [missing, attach, placed] = [
    p.label("no such place"),
    p.label("attach"),
    p.label("placed"),
  ];
  const retry = p.label("look again");
  openPlaceInRoot(p, [root, path], {}, { result: target, failure: missing });
  p.place(attach);
  planSameKind(instance, state);
  asRoot(instance, () => moveMountOnto(p, mount, target));
  close(p, target);
  jump(p, placed);
  p.place(missing);
  const absent = p.label("absent");
  jumpIf(p, [target, "==", -ERRNO.ENOENT], absent);
  p.place(retry);
  openPlaceInRoot(p, [root, path], {}, { result: target });
  jump(p, attach);
  p.place(absent);
  const walk = planWalk(instance, state, retry);
  planHolder(instance, state);
  planMissing(instance, state, walk);
  // Nested instances cover what is mounted on our directories, not what is mounted on
  // a tile: so the new place is mounted on itself, and the mount on that.
  const cover = p.slot("the place itself");
  asRoot(instance, () => {
    openTreeClone(p, { at: target, recursive: false, result: cover });
    moveMountOnto(p, cover, target);
    moveMountOnto(p, mount, cover);
  });
  for (const open of [cover, target, holder]) close(p, open);
  p.place(placed);
}

/** Fails in clear words where the kernel says EINVAL: a file over a directory, or the other way round. */
function planSameKind(
  { p, stat }: Instance,
  { target, directory }: PlacementState,
): void {
  const [mode, fine, isDirectory] = [
    p.slot("place's mode"),
    p.label("of one kind"),
    p.label("a directory"),
  ];
  statPlace(p, target, { buffer: stat, fields: { mode } });
  compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
  jumpIf(p, [mode, "==", shown(S_IF.DIR, "S_IFDIR")], isDirectory);
  jumpIf(p, [directory, "==", 0], fine);
  p.fail(ERRNO.ENOTDIR, "the place");
  p.place(isDirectory);
  jumpIf(p, [directory, "==", 1], fine);
  p.fail(ERRNO.EISDIR, "the place");
  p.place(fine);
}

/**
 * `holder` becomes a directory of our own memory with the same entries. A
 * filesystem is told by its device number, which clones of its mounts share.
 */
function planHolder(instance: Instance, state: PlacementState): void {
  const { p } = instance;
  const { holder, table, rows } = state;
  const [row, known] = [p.slot("row"), p.slot("known device")];
  const own = p.label("our own memory");
  const device = planDeviceNumber(instance, holder);
  set(p, row, 0);
  loop(p, "our own filesystems", (leave) => {
    jumpIf(p, [row, "==", rows], leave);
    load(p, known, 8, [addressOf(table), row]);
    jumpIf(p, [known, "==", device], own);
    compute(p, row, [row, "+", ROW]);
  });
  const tile = planTile(instance, holder);
  planRow(instance, state, tile, true);
  close(p, holder);
  duplicate(p, tile, holder);
  p.place(own);
}

/** Major and minor number of the filesystem, as one number. */
function planDeviceNumber({ p, stat }: Instance, place: Slot): Slot {
  const [device, minor] = [p.slot("device number"), p.slot("minor number")];
  statPlace(p, place, {
    buffer: stat,
    fields: { dev_major: device, dev_minor: minor },
  });
  compute(p, device, [device, "<<", 32]);
  compute(p, device, [device, "|", minor]);
  return device;
}

/** Makes the missing components of the path one below the other; `target` is the last. */
function planMissing(
  instance: Instance,
  state: PlacementState,
  walk: ReturnType<typeof planWalk>,
): void {
  const { p } = instance;
  const { holder, target, directory } = state;
  loop(p, "missing components", (leave) => {
    const [isDirectory, made] = [p.label("a directory"), p.label("made")];
    asRoot(instance, () => {
      jumpIf(p, [walk.more, "!=", 0], isDirectory);
      jumpIf(p, [directory, "!=", 0], isDirectory);
      makeEmptyFile(p, [holder, walk.name]);
      jump(p, made);
      p.place(isDirectory);
      makeDirectory(p, [holder, walk.name]);
      p.place(made);
    });
    openPlace(p, [holder, walk.name], O.NOFOLLOW, { result: target });
    jumpIf(p, [walk.more, "==", 0], leave);
    close(p, holder);
    set(p, holder, target);
    planComponent(instance, walk);
  });
}

function planRow(
  instance: Instance,
  { table, rows }: PlacementState,
  mount: Slot,
  seal: boolean,
): void {
  const { p } = instance;
  const at = p.slot("row address");
  const device = planDeviceNumber(instance, mount);
  compute(p, at, [addressOf(table), "+", rows]);
  store(p, 8, [at, 0], device);
  store(p, 8, [at, 8], seal ? mount : -1);
  compute(p, rows, [rows, "+", ROW]);
}

/** The whole filesystem, since tiles made later hold clones of its mounts. */
function planSeal(instance: Instance, { table, rows }: PlacementState): void {
  const { p } = instance;
  const [row, mount, at] = [
    p.slot("row to seal"),
    p.slot("mount to seal"),
    p.slot("address of the row"),
  ];
  p.part("make our own directories read-only", () =>
    asRoot(instance, () => {
      set(p, row, 0);
      loop(p, "filesystems to seal", (leave, again) => {
        jumpIf(p, [row, "==", rows], leave);
        compute(p, at, [addressOf(table), "+", row]);
        load(p, mount, 8, [at, 8]);
        compute(p, row, [row, "+", ROW]);
        jumpIf(p, [mount, "<", 0], again);
        filesystemSetReadOnly(p, mount);
      });
    }),
  );
}

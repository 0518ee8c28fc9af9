/**
 * Puts mounts where they belong inside. A place that does not exist is made in
 * memory, never on a disk: see plan-walk.ts and plan-tile.ts.
 *
 * Security model: places are looked up inside the new root, with the user's
 * effective ids, once, and mounted on by descriptor. The lookup cannot leave the
 * root: it is the process's root, and RESOLVE_IN_ROOT besides.
 */

import {
  changeOwner,
  close,
  makeDirectory,
  makeEmptyFile,
  openPlace,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import { moveMountOnto, openTreeClone } from "../../syscalls/calls/mounts.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  loop,
  set,
  subroutine,
  tolerate,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Operand, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { isElevated } from "./plan-clone.ts";
import {
  OPEN,
  planHolder,
  planRow,
  planScratchRow,
  planSeal,
  planTable,
} from "./plan-own-memory.ts";
import { planComponent, planWalk } from "./plan-walk.ts";
import { asRoot } from "./privilege.ts";

/** A detached mount and its place: `directory` is 1, or 0 for a file. */
export interface Place {
  readonly mount: Slot;
  /** A path, or the address of one. */
  readonly target: string | Operand;
  readonly directory: Operand;
  /** It is left out where no place can be made for it. */
  readonly optional?: boolean;
}

export interface Placement {
  place(place: Place): void;
  /** Says that a mount is of our own memory: places in it are simply made. `seal`: it is made read-only at the end. */
  addMemory(mount: Slot, seal: boolean): void;
  /** Says that a mount takes new places in memory, where the caller's rights allow it. */
  addScratch(mount: Slot): void;
  /** Makes read-only what is to be sealed. */
  seal(): void;
  /** Writes the subroutines; steps must not run into them. */
  define(): void;
}

/** The action of the subroutine's part. */
export const PLACING = "place a mount";

/** Variables that the subroutine's rooms share. */
export interface PlacementState {
  readonly mount: Slot;
  readonly path: Slot;
  readonly directory: Slot;
  /** Not 0: it is left out where no place can be made for it. */
  readonly optional: Slot;
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
    optional: p.slot("may be left out"),
    holder: p.slot("holder"),
    target: p.slot("target"),
    table: planTable(instance),
    rows: p.slot("number of our own mounts"),
  };
  const place = subroutine(p, "place a mount");
  const addMemory = (mount: Slot, seal: boolean) =>
    p.part("remember what is our own memory", () =>
      planRow(instance, state, mount, seal ? mount : OPEN),
    );
  return {
    addMemory,
    addScratch: (mount) => planScratchRow(instance, state, mount),
    place: ({ mount, target, directory, optional = false }) => {
      set(p, state.mount, mount);
      const path = typeof target === "string" ? p.text(target) : target;
      set(p, state.path, path);
      set(p, state.directory, directory);
      if (optional) set(p, state.optional, 1);
      callSubroutine(p, place);
      if (optional) set(p, state.optional, 0);
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
  const [again, retry] = [p.label("look"), p.label("look again")];
  p.place(again);
  openPlaceInRoot(p, [root, path], {}, { result: target, failure: missing });
  p.place(attach);
  planSameKind(instance, state);
  asRoot(instance, () => moveMountOnto(p, mount, target));
  close(p, target);
  jump(p, placed);
  p.place(missing);
  const absent = p.label("absent");
  jumpIf(p, [target, "==", -ERRNO.ENOENT], absent);
  // Behind a ".." the kernel is not sure while anything is mounted anywhere. openat2(2).
  jumpIf(p, [target, "==", -ERRNO.EAGAIN], again);
  p.place(retry);
  const unsure = { result: target, errnos: [ERRNO.EAGAIN], then: retry };
  tolerate(p, unsure, (options) => {
    openPlaceInRoot(p, [root, path], {}, options);
  });
  jump(p, attach);
  p.place(absent);
  const walk = planWalk(instance, state, retry);
  planHolder(instance, state, { name: walk.name, placed });
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
      // The user's own memory may be around it.
      if (isElevated(instance))
        changeOwner(p, [holder, walk.name], instance.caller);
      p.place(made);
    });
    openPlace(p, [holder, walk.name], O.NOFOLLOW, { result: target });
    jumpIf(p, [walk.more, "==", 0], leave);
    close(p, holder);
    set(p, holder, target);
    planComponent(instance, walk);
  });
}

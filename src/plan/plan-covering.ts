/**
 * Covers the places where other filesystems are mounted on the root: with a cover
 * over each, or, with privilege, instead of it. Security model: places are opened
 * with the user's effective ids, and covered by descriptor.
 */

import {
  close,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  moveMountBeneath,
  moveMountOnto,
} from "../../syscalls/calls/mounts.ts";
import { O, RESOLVE } from "../../syscalls/constants/open.table.ts";
import { S_IF, STATX_ATTR } from "../../syscalls/constants/stat.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  tolerate,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { planCoverClone, planCoversPlace, planTaking } from "./plan-covers.ts";
import type { Covers } from "./plan-covers.ts";
import { asRoot } from "./privilege.ts";

/** Of a mount's root, as statx(2) tells it. */
export const IS_MOUNT_ROOT = shown(
  STATX_ATTR.MOUNT_ROOT,
  "STATX_ATTR_MOUNT_ROOT",
);
/** Mount points that get a filesystem of the instance's own instead of a cover. */
const OWN_PLACES = ["/proc", "/dev", "/tmp"] as const;

/** How many places are opened, as the user, before root covers them. */
const BATCH = 16;
/** Of each its descriptor, and behind it its mode. */
const ROW = 16;
const MODE = 8;

/** Covers each place of the list that the user can reach. */
export function planCovering(
  instance: Instance,
  { list, end }: CoveredPlaces,
  covers: Covers,
): void {
  const { p, facts } = instance;
  const at = p.slot("offset of the place");
  const batch = {
    list: p.buffer("places to cover", ROW * BATCH),
    end: p.slot("end of the batch"),
  };
  if (facts.mode === "rootless") planCoversPlace(instance, covers);
  set(p, at, 0);
  loop(p, "batches of places", (leave) => {
    set(p, batch.end, 0);
    loop(p, "places", (full, again) => {
      jumpIf(p, [at, "==", end], full);
      jumpIf(p, [batch.end, "==", batch.list.size], full);
      const { onto, mode } = planOpening(instance, { list, at, next: again });
      store(p, 8, [addressOf(batch.list), batch.end], onto);
      store(p, 8, [addressOf(batch.list, MODE), batch.end], mode);
      compute(p, batch.end, [batch.end, "+", ROW]);
    });
    asRoot(instance, () => planBatch(instance, covers, batch));
    jumpIf(p, [at, "==", end], leave);
  });
}

/** A mount that is covered: its descriptor, and its root's mode. */
interface Place {
  readonly onto: Slot;
  readonly mode: Slot;
}

/** Opens the place at the offset `at` of the list, if the user can; else goes on at `next`. */
function planOpening(
  instance: Instance,
  { list, at, next }: { list: Data; at: Slot; next: Label },
): Place {
  const { p, root, facts } = instance;
  const [place, length] = [p.slot("place"), p.slot("length of the place")];
  const onto = p.slot("place to cover");
  compute(p, place, [addressOf(list), "+", at]);
  p.control("find", [place, 4096, 0], { result: length });
  compute(p, at, [at, "+", length]);
  compute(p, at, [at, "+", 1]);
  if (facts.mode === "rootless") planOwnPlaces(instance, place, next);
  const unreachable = [ERRNO.EACCES, ERRNO.ENOENT];
  tolerate(p, { result: onto, errnos: unreachable, then: next }, (options) => {
    const how = { flags: O.NOFOLLOW, resolve: RESOLVE.NO_SYMLINKS };
    openPlaceInRoot(p, [root, place], how, options);
  });
  return { onto, mode: planMountPoint(instance, onto, next) };
}

/** Covers what the batch holds. */
function planBatch(
  instance: Instance,
  covers: Covers,
  batch: { readonly list: Data; readonly end: Slot },
): void {
  const { p } = instance;
  const done = p.slot("offset of the covered");
  const [onto, mode] = [p.slot("place to cover"), p.slot("place's mode")];
  set(p, done, 0);
  loop(p, "places to cover", (leave) => {
    jumpIf(p, [done, "==", batch.end], leave);
    load(p, onto, 8, [addressOf(batch.list), done]);
    load(p, mode, 8, [addressOf(batch.list, MODE), done]);
    compute(p, done, [done, "+", ROW]);
    planCover(instance, covers, { onto, mode });
    close(p, onto);
  });
}

/**
 * Its mode. Fails if what was found is no mount: its directory was renamed meanwhile, and
 * the cover would miss it. With `--scratch` most are not mounted any more.
 */
function planMountPoint(
  { p, stat, scratch }: Instance,
  onto: Slot,
  next: Label,
): Slot {
  const [attributes, mode] = [p.slot("attributes"), p.slot("place's mode")];
  const fine = p.label("a mount point");
  statPlace(p, onto, { buffer: stat, fields: { attributes, mode } });
  compute(p, attributes, [attributes, "&", IS_MOUNT_ROOT]);
  jumpIf(p, [attributes, "!=", 0], fine);
  if (scratch === null)
    p.fail(ERRNO.EBUSY, "a directory was renamed while a mount was covered");
  else {
    close(p, onto);
    jump(p, next);
  }
  p.place(fine);
  return mode;
}

/** Covers the place; the kernel lets only like lie on like. */
function planCover(
  instance: Instance,
  covers: Covers,
  { onto, mode }: Place,
): void {
  const { p, facts } = instance;
  const cover = p.slot("cover");
  compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
  when(
    p,
    [mode, "==", shown(S_IF.DIR, "S_IFDIR")],
    () => {
      planCoverClone(instance, covers, "directory", cover);
      if (facts.mode === "rootless") moveMountOnto(p, cover, onto);
      else planReplacement(instance, covers, { onto, cover });
    },
    () => {
      planCoverClone(instance, covers, "file", cover);
      moveMountOnto(p, cover, onto);
    },
  );
  close(p, cover);
}

/**
 * Puts a cover beneath the mount and takes the mount away, both by descriptor:
 * at no moment is its place uncovered. Before Linux 6.5 the cover goes on top.
 */
function planReplacement(
  instance: Instance,
  covers: Covers,
  { onto, cover }: { onto: Slot; cover: Slot },
): void {
  const { p } = instance;
  const [onTop, done] = [p.label("cover on top"), p.label("covered")];
  moveMountBeneath(p, cover, onto, onTop);
  planTaking(instance, covers, onto);
  jump(p, done);
  p.place(onTop);
  moveMountOnto(p, cover, onto);
  p.place(done);
}

/** Goes on at `next` if the place is one of our own; each is shorter than eight bytes. */
function planOwnPlaces({ p }: Instance, place: Slot, next: Label): void {
  const [word, part] = [
    p.slot("start of the place"),
    p.slot("as long as our own"),
  ];
  load(p, word, 8, [place, 0]);
  for (const own of OWN_PLACES) {
    const bytes = Buffer.alloc(8);
    bytes.write(own);
    const mask = 2 ** (8 * (own.length + 1)) - 1; // with the NUL
    compute(p, part, [word, "&", shown(mask, `0x${mask.toString(16)}`)]);
    jumpIf(
      p,
      [part, "==", shown(bytes.readBigUInt64LE(), quote(own as never))],
      next,
    );
  }
}

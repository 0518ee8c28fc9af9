/**
 * The instance's root: a clone of the directory that the user named, put in the
 * place of the process's root, with a cover over everything that is mounted on
 * it, or, with privilege, instead of it.
 */

import {
  close,
  openPlace,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  mountMakeSlave,
  moveMountBeneath,
  moveMountOnto,
  mountSetAttributes,
  openTreeClone,
  pivotRootHere,
  unmountHere,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import {
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
} from "../../syscalls/constants/mount.table.ts";
import { O, RESOLVE } from "../../syscalls/constants/open.table.ts";
import { STATX_ATTR } from "../../syscalls/constants/stat.table.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  tolerate,
} from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import { flag } from "../../syscalls/calls/operands.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { planFoundPlaces, planKnownPlaces } from "./plan-covered-places.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import {
  planCoverOfEitherKind,
  planCoversPlace,
  planTaking,
} from "./plan-covers.ts";
import type { Covers } from "./plan-covers.ts";
import { planScratch } from "./plan-scratch.ts";
import type { Remember } from "./plan-scratch.ts";
import { asRoot } from "./privilege.ts";

/** Mount points that get a filesystem of the instance's own instead of a cover. */
const OWN_PLACES = ["/proc", "/dev", "/tmp"] as const;

/** Mount events come in from the host, so that its unmounts are not held up; none go out. */
export function planPropagation(instance: Instance): void {
  const { p } = instance;
  p.part("keep mounts from reaching the host", () =>
    asRoot(instance, () => mountMakeSlave(p)),
  );
}

/** The new root as a detached mount, and what to cover in it. */
export interface RootSource {
  /** Puts it in the place of the process's root. */
  enter(): void;
  /**
   * Covers the places of other filesystems; `attached` is for as long as the
   * covers are mounted somewhere. What `--scratch` lays over the root is remembered.
   */
  cover(covers: Covers, attached: () => void, remember: Remember): void;
}

export function planRootSource(instance: Instance): RootSource {
  const { p, order, facts, scratch } = instance;
  const { address, name } = order.rootfs;
  const directory = p.slot("root directory");
  p.part(`use ${name} as the root`, () => {
    const options = { result: directory, subject: name };
    openPlace(p, [WORKING_DIRECTORY, address], O.DIRECTORY, options);
    asRoot(instance, () => planClone(instance, directory));
  });
  return {
    enter: () =>
      p.part("change the root", () =>
        asRoot(instance, () => planEntering(instance)),
      ),
    cover: (covers, attached, remember) =>
      p.part("cover what is mounted on the root", () => {
        const places = asRoot(instance, () => planPlaces(instance));
        if (scratch !== null)
          planScratch(instance, { scratch, places }, remember);
        planCovering(instance, places, covers);
        attached();
        if (facts.mode === "rootless") return;
        asRoot(instance, () => {
          p.call("fchdir", [covers.mount]);
          unmountHere(p);
        });
      }),
  };
}

/** The list of mounts; the root is the process's by now. */
function planPlaces(instance: Instance): CoveredPlaces {
  const { facts, root } = instance;
  return facts.covered === null
    ? planFoundPlaces(instance, root)
    : planKnownPlaces(instance, facts.covered);
}

/**
 * The directory with everything that is mounted below it: only so does each
 * mount stay on its place, whatever its owner renames at the same time, and
 * nothing that it hides ever comes to light.
 */
function planClone(instance: Instance, directory: Slot): void {
  const { p, order, facts, root } = instance;
  openTreeClone(p, { at: directory, recursive: true, result: root });
  const setAttributes = (readOnly: Flags<"MOUNT_ATTR">) =>
    mountSetAttributes(p, root, {
      recursive: true,
      set: union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV, readOnly),
      // With privilege the mounts are taken away below, so nothing of the host's is
      // held, and what it mounts later need not show up.
      ...(facts.mode === "rootless" ? {} : { propagation: MS.PRIVATE }),
    });
  whether(
    p,
    order.writable,
    () => setAttributes(NONE),
    () => setAttributes(MOUNT_ATTR.RDONLY),
  );
  close(p, directory);
}

function planEntering({ p, root }: Instance): void {
  const flags = flag("MOVE_MOUNT", MOVE_MOUNT.F_EMPTY_PATH);
  p.call("move_mount", [
    root,
    p.text(""),
    WORKING_DIRECTORY,
    p.text("/"),
    flags,
  ]);
  p.call("fchdir", [root]);
  pivotRootHere(p);
  unmountHere(p);
}

const NONE = 0 as Flags<"MOUNT_ATTR">;

/** Covers each place of the list that the user can reach. */
function planCovering(
  instance: Instance,
  { list, end }: CoveredPlaces,
  covers: Covers,
): void {
  const { p, root } = instance;
  const [at, place, length] = [
    p.slot("offset of the place"),
    p.slot("place"),
    p.slot("length of the place"),
  ];
  const onto = p.slot("place to cover");
  const rootless = instance.facts.mode === "rootless";
  if (rootless) planCoversPlace(instance, covers);
  else asRoot(instance, () => moveMountOnto(p, covers.mount, root));
  set(p, at, 0);
  loop(p, "places", (leave, again) => {
    jumpIf(p, [at, "==", end], leave);
    compute(p, place, [addressOf(list), "+", at]);
    p.control("find", [place, 4096, 0], { result: length });
    compute(p, at, [at, "+", length]);
    compute(p, at, [at, "+", 1]);
    if (rootless) planOwnPlaces(instance, place, again);
    const unreachable = {
      result: onto,
      errnos: [ERRNO.EACCES, ERRNO.ENOENT],
      then: again,
    };
    tolerate(
      p,
      unreachable,
      (options) =>
        void openPlaceInRoot(
          p,
          [root, place],
          { flags: O.NOFOLLOW, resolve: RESOLVE.NO_SYMLINKS },
          options,
        ),
    );
    planMountPoint(instance, onto, again);
    const cover = p.slot("cover");
    asRoot(instance, () =>
      rootless
        ? planCoverOfEitherKind(instance, covers, { onto, cover })
        : planCoverInstead(instance, covers, { onto, cover }),
    );
    close(p, onto);
  });
}

/**
 * Fails if what was found is no mount: its directory was renamed meanwhile, and
 * the cover would miss it. With `--scratch` most are not mounted any more.
 */
function planMountPoint(
  { p, stat, scratch }: Instance,
  onto: Slot,
  next: Label,
): void {
  const [attributes, fine] = [p.slot("attributes"), p.label("a mount point")];
  statPlace(p, onto, { buffer: stat, fields: { attributes } });
  const mask = shown(STATX_ATTR.MOUNT_ROOT, "STATX_ATTR_MOUNT_ROOT");
  compute(p, attributes, [attributes, "&", mask]);
  jumpIf(p, [attributes, "!=", 0], fine);
  if (scratch === null)
    p.fail(ERRNO.EBUSY, "a directory was renamed while a mount was covered");
  else {
    close(p, onto);
    jump(p, next);
  }
  p.place(fine);
}

/**
 * Puts a cover beneath the mount and takes the mount away, both by descriptor:
 * at no moment is its place uncovered. A kernel before 6.5, or a mount of a
 * file, gets the cover on top instead.
 */
function planCoverInstead(
  instance: Instance,
  covers: Covers,
  { onto, cover }: { onto: Slot; cover: Slot },
): void {
  const { p } = instance;
  const [onTop, done] = [p.label("cover on top"), p.label("covered")];
  openTreeClone(p, {
    at: covers.mount,
    path: p.text("directory"),
    recursive: false,
    result: cover,
  });
  moveMountBeneath(p, cover, onto, onTop);
  close(p, cover);
  planTaking(instance, covers, onto);
  jump(p, done);
  p.place(onTop);
  close(p, cover);
  planCoverOfEitherKind(instance, covers, { onto, cover });
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

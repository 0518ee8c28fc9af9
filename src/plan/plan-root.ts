/**
 * The instance's root: the process's own, of which the mount namespace holds a
 * copy, or a clone of another directory, put in its place; with a cover over
 * everything that is mounted on it, or, with privilege, instead of it.
 */

import {
  close,
  openPlace,
  requireSearch,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  mountMakeSlave,
  moveMountOnto,
  mountSetAttributes,
  openTreeClone,
  pivotRootHere,
  unmountHere,
} from "../../syscalls/calls/mounts.ts";
import { flag, WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { CLONE } from "../../syscalls/constants/clone.table.ts";
import {
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
} from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { compute, set, when } from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { planFoundPlaces, planKnownPlaces } from "./plan-covered-places.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { IS_MOUNT_ROOT, planCovering } from "./plan-covering.ts";
import type { Covers } from "./plan-covers.ts";
import { planScratch } from "./plan-scratch.ts";
import type { Remember } from "./plan-scratch.ts";
import { asRoot } from "./privilege.ts";

/** Mount events come in from the host, so that its unmounts are not held up; none go out. */
export function planPropagation(instance: Instance): void {
  const { p } = instance;
  p.part("keep mounts from reaching the host", () =>
    asRoot(instance, () => mountMakeSlave(p)),
  );
}

/** The new root, and what to cover in it. */
export interface RootSource {
  /** 1 if it is the process's own. */
  readonly own: Slot;
  /** Gives its mounts their attributes, and puts it in the place of the process's root if it is another. */
  enter(): void;
  /** Finds the places of other filesystems in it, and gives the covers one where they are at hand. */
  find(covers: Covers): CoveredPlaces;
  /** Covers those places. */
  cover(covers: Covers, covering: Covering): void;
}

/** What is known of a directory. */
interface Place {
  readonly mount: Slot;
  readonly attributes: Slot;
}

/** The process's own root. */
interface OwnRoot extends Place {
  /** 1 if it is the new one. */
  readonly isRoot: Slot;
}

export interface Covering {
  readonly places: CoveredPlaces;
  /** For as long as the covers are mounted somewhere. */
  readonly attached: () => void;
  /** Takes note of what `--scratch` lays over the root. */
  readonly remember: Remember;
}

export function planRootSource(instance: Instance): RootSource {
  const { p, order, facts, root, scratch } = instance;
  const own: OwnRoot = {
    isRoot: p.slot("is the process's own"),
    mount: p.slot("own root's mount"),
    attributes: p.slot("its own attributes"),
  };
  p.part(`use ${order.rootfs.name} as the root`, () =>
    planDirectory(instance, own),
  );
  return {
    own: own.isRoot,
    enter: () =>
      p.part("change the root", () =>
        asRoot(instance, () => planEntering(instance, own)),
      ),
    find: (covers) =>
      p.part("find what is mounted on the root", () =>
        asRoot(instance, () => {
          const places = planPlaces(instance);
          if (facts.mode !== "rootless") moveMountOnto(p, covers.mount, root);
          return places;
        }),
      ),
    cover: (covers, { places, attached, remember }) =>
      p.part("cover what is mounted on the root", () => {
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
 * nothing that it hides ever comes to light. Of the process's own root the mount
 * namespace has made such a copy already; of another one a clone is made.
 */
function planDirectory(instance: Instance, own: OwnRoot): void {
  const { p, order, root } = instance;
  const { address, name } = order.rootfs;
  const options = { result: root, subject: name };
  openPlace(p, [WORKING_DIRECTORY, address], O.DIRECTORY, options);
  planComparison(instance, own);
  when(p, [own.isRoot, "==", 0], () => {
    const directory = p.slot("root directory");
    set(p, directory, root);
    // Else the first that is looked up in it is refused, whatever it is.
    requireSearch(p, directory);
    asRoot(instance, () =>
      openTreeClone(p, { at: directory, recursive: true, result: root }),
    );
    close(p, directory);
  });
}

/** `own` is 1 if the root is the process's: the same mount, and both the whole of it. */
function planComparison({ p, root, stat }: Instance, own: OwnRoot): void {
  const [mount, whole] = [p.slot("its mount"), p.slot("its attributes")];
  const place = openPlace(p, [WORKING_DIRECTORY, p.text("/")], O.DIRECTORY, {
    result: "own root",
  });
  const look = (at: Slot, mnt_id: Slot, attributes: Slot) =>
    statPlace(p, at, { buffer: stat, fields: { mnt_id, attributes } });
  look(place, own.mount, own.attributes);
  close(p, place);
  look(root, mount, whole);
  planSame(p, own.isRoot, own, { mount, attributes: whole });
}

/** Whether both are the whole of the same mount. */
function planSame(
  p: ProgramBuilder,
  same: Slot,
  one: Place,
  { mount, attributes }: Place,
): void {
  compute(p, attributes, [attributes, "&", one.attributes]);
  compute(p, attributes, [attributes, "&", IS_MOUNT_ROOT]);
  set(p, same, 0);
  when(p, [attributes, "!=", 0], () =>
    when(p, [mount, "==", one.mount], () => set(p, same, 1)),
  );
}

/**
 * The namespace's root becomes the process's: in a chroot it is another, to which
 * a command that may chroot would get. Its mounts reach the host until they are
 * slaves, too. Who has no privilege makes no user namespace in a chroot.
 * chroot(2), setns(2).
 */
function planNamespaceRoot({ p, root, stat }: Instance, own: OwnRoot): void {
  const [self, directory] = [p.slot("this process"), p.slot("chroot")];
  const [mnt_id, attributes] = [p.slot("its mount"), p.slot("its attributes")];
  const same = p.slot("is the namespace's");
  p.call("pidfd_open", [1, 0], { result: self });
  p.call("setns", [self, flag("CLONE", CLONE.NEWNS)]);
  close(p, self);
  const fields = { mnt_id, attributes };
  statPlace(p, WORKING_DIRECTORY, { buffer: stat, fields });
  planSame(p, same, own, { mount: mnt_id, attributes });
  when(p, [same, "==", 0], () => {
    mountMakeSlave(p);
    when(p, [own.isRoot, "==", 1], () => {
      set(p, own.isRoot, 0);
      set(p, directory, root);
      openTreeClone(p, { at: directory, recursive: true, result: root });
      close(p, directory);
    });
  });
}

/** Adds attributes to all that the root holds, and makes it the process's root if it is not. */
function planEntering(instance: Instance, own: OwnRoot): void {
  const { p, order, facts, root } = instance;
  if (facts.mode === "privileged") planNamespaceRoot(instance, own);
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
  p.call("fchdir", [root]);
  when(p, [own.isRoot, "==", 0], () => {
    const flags = flag("MOVE_MOUNT", MOVE_MOUNT.F_EMPTY_PATH);
    const to = [WORKING_DIRECTORY, p.text("/")] as const;
    p.call("move_mount", [root, p.text(""), ...to, flags]);
    pivotRootHere(p);
    unmountHere(p);
  });
}

const NONE = 0 as Flags<"MOUNT_ATTR">;

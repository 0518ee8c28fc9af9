/**
 * `--scratch`: the root is writable, and what is written lies in one bounded
 * tmpfs that vanishes with the instance. overlayfs(5).
 *
 * Security model: rootless alone, so every call is the caller's own right in a
 * user namespace, where the kernel lets an overlay change nothing of an owner
 * that is not mapped. The lower layers are clones of the instance's root, which
 * is read-only: nothing is written anywhere but to the tmpfs. A mount that is
 * left out here would show empty, never what it hides.
 *
 * A tree on which nothing is mounted gets one overlay. The kernel refuses that
 * (EINVAL) for any other, such as the host's own root; then each directory in
 * it gets an overlay of its own: see plan-scratch-tree.ts.
 */

import {
  askForWriting,
  close,
  duplicate,
  makeDirectory,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  moveMountAt,
  moveMountOnto,
  newFilesystem,
  openTreeClone,
  pivotRootHere,
  pivotRootOnto,
  unmountHere,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { jump, set, tolerate } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { TILE_SOURCE } from "./plan-covered-places.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { planDress, planOverlay } from "./plan-scratch-overlay.ts";
import type { Look } from "./plan-scratch-overlay.ts";
import { planHiddenMounts, planScratchTree } from "./plan-scratch-tree.ts";
import type { Scratch } from "./scratch.ts";
import { DEFAULT_TMPFS_INODES } from "./request.ts";

/** The action of its part. */
export const SCRATCH = "lay memory over the root";

/** How many bytes go with each inode: what one costs the kernel is counted so. */
const BYTES_OF_INODE = 4096;
const LEAST_INODES = 1024;

/** Takes note of a filesystem in which a missing mount point may simply be made. */
export type Remember = (mount: Slot) => void;

/** The root becomes writable. `places` are what is mounted on it; it is the process's root. */
export function planScratch(
  instance: Instance,
  { scratch, places }: { scratch: Scratch; places: CoveredPlaces },
  remember: Remember,
): void {
  const { p, root } = instance;
  p.part(SCRATCH, () => {
    const hidden = planHiddenMounts(instance, places);
    const look = planRootLook(instance);
    planWorkshop(instance);
    const memory = planMemory(instance, scratch.size);
    const over = p.slot("root of memory");
    const clone = p.slot("root's clone");
    const [tree, done] = [p.label("a tree of mounts"), p.label("laid over")];
    const locked = { result: clone, errnos: [ERRNO.EINVAL], then: tree };
    tolerate(
      p,
      locked,
      (options) =>
        void openTreeClone(p, { at: root, recursive: false, ...options }),
    );
    planOverlay(instance, { clone, here: memory, look, result: over });
    moveMountAt(p, over, WORKING_DIRECTORY, p.text("/root"));
    remember(over);
    jump(p, done);
    p.place(tree);
    planDress(instance, memory, look);
    planScratchTree(instance, { scratch, hidden, memory, remember });
    set(p, over, memory);
    p.place(done);
    planEntering(instance, over);
  });
}

/** As whom the root shows itself. */
function planRootLook(instance: Instance): Look {
  const { p, root, stat } = instance;
  const look = {
    mode: p.slot("root's mode"),
    uid: p.slot("root's owner"),
    gid: p.slot("root's group"),
    access: p.slot("may be written"),
  };
  const { mode, uid, gid } = look;
  statPlace(p, root, { buffer: stat, fields: { mode, uid, gid } });
  askForWriting(p, [root, p.text(".")], look.access);
  return look;
}

/**
 * A root to work in, that ends with the old one: paths of overlays are given
 * by name, which all kernels take. (By descriptor: Linux 6.13.)
 */
function planWorkshop({ p, root }: Instance): void {
  const { NOSUID, NODEV, NOEXEC } = MOUNT_ATTR;
  const workshop = newFilesystem(p, {
    type: "tmpfs",
    options: [
      ["size", "0"],
      ["nr_inodes", "0"],
      ["mode", "755"],
    ],
    attributes: union(NOSUID, NODEV, NOEXEC),
    result: "workshop",
  });
  for (const name of ["old", "lower", "memory", "root"])
    makeDirectory(p, [workshop, p.text(name)]);
  moveMountOnto(p, workshop, root);
  p.call("fchdir", [workshop]);
  pivotRootOnto(p, "old");
  close(p, workshop);
}

/**
 * What is written goes there. Nested instances see it whole, by its source, if
 * it is the root itself: see plan-covered-places.ts.
 */
function planMemory({ p }: Instance, size: number): Slot {
  const inodes = Math.min(
    DEFAULT_TMPFS_INODES,
    Math.max(LEAST_INODES, Math.floor(size / BYTES_OF_INODE)),
  );
  const memory = newFilesystem(p, {
    type: "tmpfs",
    options: [
      ["source", TILE_SOURCE],
      ["size", String(size)],
      ["nr_inodes", String(inodes)],
      ["mode", "755"],
    ],
    attributes: union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV),
    result: "memory",
  });
  moveMountAt(p, memory, WORKING_DIRECTORY, p.text("/memory"));
  return memory;
}

/** It becomes the root; everything else goes at once: each unmounting waits for every processor. */
function planEntering({ p, root }: Instance, over: Slot): void {
  p.call("fchdir", [over]);
  pivotRootHere(p);
  unmountHere(p);
  close(p, root);
  duplicate(p, over, root);
}

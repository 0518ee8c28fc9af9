/**
 * One overlay: a read-only clone below, memory above. The directory that an
 * overlay shows at its top is the upper one, and so belongs to the caller
 * wherever the true owner has no id here; what the caller could not write in
 * before is kept from being written in by its mode. That is order, not a
 * boundary: it is the caller's memory. Below the top the kernel itself refuses.
 */

import {
  changeOwner,
  close,
  makeDirectory,
  openPlace,
} from "../../syscalls/calls/files.ts";
import { moveMountAt, newFilesystem } from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { compute, jumpIf } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { TILE_SOURCE } from "./plan-covered-places.ts";

/** How a directory is to show itself. */
export interface Look {
  readonly mode: Slot;
  readonly uid: Slot;
  readonly gid: Slot;
  /** What access(2) answered to W_OK: the mount is read-only, so an error in any case. */
  readonly access: Slot;
}

/**
 * Without these the kernel takes what its configuration says, tries what a user
 * namespace does not have, and writes to its log that it did.
 */
const QUIET = [
  ["userxattr", null],
  ["xino", "off"],
  ["index", "off"],
  ["nfs_export", "off"],
  ["metacopy", "off"],
] as const;

/** A directory in memory takes the look of what it stands for. */
export function planDress(
  { p }: Instance,
  directory: Slot,
  { mode, uid, gid, access }: Look,
): void {
  const bits = p.slot("permissions");
  changeOwner(p, [directory, p.text("")], { uid, gid });
  compute(p, bits, [mode, "&", shown(0o7777, "07777")]);
  const writable = p.label("may be written in");
  for (const answer of [0, -ERRNO.EROFS])
    jumpIf(p, [access, "==", answer], writable);
  compute(p, bits, [bits, "&", shown(0o7577, "~0200")]);
  p.place(writable);
  p.call("fchmodat", [directory, p.text("."), bits]);
}

/** Makes the overlay, detached, with its memory in the directory `here`; closes the clone, and leaves `here` as the working directory. */
export function planOverlay(
  instance: Instance,
  {
    clone,
    here,
    look,
    result,
  }: { clone: Slot; here: Slot; look: Look; result: Slot },
): void {
  const { p } = instance;
  const upper = p.slot("upper directory");
  for (const name of ["upper", "work"]) makeDirectory(p, [here, p.text(name)]);
  openPlace(p, [here, p.text("upper")], O.DIRECTORY, { result: upper });
  planDress(instance, upper, look);
  close(p, upper);
  // One on the other: the overlay keeps what it found, and they all go with the old root.
  moveMountAt(p, clone, WORKING_DIRECTORY, p.text("/lower"));
  close(p, clone);
  p.call("fchdir", [here]);
  newFilesystem(p, {
    type: "overlay",
    options: [
      ["source", TILE_SOURCE],
      ["lowerdir", "/lower"],
      ["upperdir", "upper"],
      ["workdir", "work"],
      ...QUIET,
    ],
    attributes: union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV),
    result,
  });
}

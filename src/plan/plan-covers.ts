/**
 * Covers: an empty read-only directory or file in the place of what an instance
 * must not see. All are clones of one empty tmpfs, whose size 0 lets `df` pass
 * over them.
 */

import {
  close,
  makeDirectory,
  makeEmptyFile,
  openPlaceInRoot,
} from "../../syscalls/calls/files.ts";
import {
  moveMountAt,
  moveMountOnto,
  mountSetAttributes,
  newFilesystem,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { tolerate } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import type { AllDataRead } from "./plan-data-reading.ts";
import { planMemoryFiles } from "./plan-memory-files.ts";
import { asRoot } from "./privilege.ts";

/** A tmpfs with an empty directory and an empty file. */
export interface Covers {
  readonly mount: Slot;
  /** A device that is mounted where nobody reaches it (plan-devices.ts), or null. */
  readonly unlisted: Slot | null;
}

const INERT = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV, MOUNT_ATTR.NOEXEC);

/**
 * Where mounts are gathered that shall go: each unmounting waits for every
 * processor (synchronize_rcu), so they go all at once.
 */
const TAKEN = "taken";

/** The place of the unlisted device, below our /proc: shorter than any in /dev. */
const UNLISTED = "f";

/** Makes it, detached. */
export function planCovers(
  instance: Instance,
  read: AllDataRead,
  unlisted: Slot | null,
): Covers {
  const { p, facts } = instance;
  const mount = p.slot("empty things");
  p.part("make an empty directory and an empty file to cover with", () =>
    asRoot(instance, () => {
      const options = [
        ["size", "0"],
        ["nr_inodes", "0"],
        ["mode", "755"],
      ] as const;
      newFilesystem(p, {
        type: "tmpfs",
        options,
        attributes: INERT,
        result: mount,
      });
      makeDirectory(p, [mount, p.text("directory")]);
      makeEmptyFile(p, [mount, p.text("file")]);
      if (facts.mode === "privileged") makeDirectory(p, [mount, p.text(TAKEN)]);
      if (unlisted !== null) makeEmptyFile(p, [mount, p.text(UNLISTED)]);
    }),
  );
  planMemoryFiles(instance, mount, read);
  return { mount, unlisted };
}

/** Nothing more is made in them. */
export function planCoversSeal(instance: Instance, { mount }: Covers): void {
  const { p } = instance;
  const set = MOUNT_ATTR.RDONLY;
  p.part("make the covers read-only", () =>
    asRoot(instance, () =>
      mountSetAttributes(p, mount, { recursive: false, set }),
    ),
  );
}

/**
 * Gives it a place, where there is one, over which our /proc will lie: before
 * Linux 6.15 only an attached mount can be cloned.
 */
export function planCoversPlace(
  instance: Instance,
  { mount, unlisted }: Covers,
): void {
  const { p, root } = instance;
  const [place, none] = [
    p.slot("place of the empty things"),
    p.label("no such place"),
  ];
  const absent = [ERRNO.ENOENT, ERRNO.ENOTDIR];
  tolerate(p, { result: place, errnos: absent, then: none }, (options) => {
    const how = { flags: O.DIRECTORY };
    openPlaceInRoot(p, [root, p.text("/proc")], how, options);
  });
  asRoot(instance, () => moveMountOnto(p, mount, place));
  if (unlisted !== null) moveMountAt(p, unlisted, mount, p.text(UNLISTED));
  close(p, place);
  p.place(none);
}

/** Takes a mount away from its place, to go with the empty things. */
export function planTaking(
  { p }: Instance,
  { mount }: Covers,
  taken: Slot,
): void {
  moveMountAt(p, taken, mount, p.text(TAKEN));
}

/** A clone of the empty thing of that kind. */
export function planCoverClone(
  { p }: Instance,
  { mount }: Covers,
  kind: "directory" | "file",
  result: Slot,
): void {
  const path = p.text(kind);
  openTreeClone(p, { at: mount, path, recursive: false, result });
}

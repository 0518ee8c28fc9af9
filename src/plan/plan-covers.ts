/**
 * Covers: an empty read-only directory or file in the place of what an instance
 * must not see. All are clones of one empty tmpfs, whose size 0 lets `df` pass
 * over them.
 */

import { close, makeEmptyFile } from "../../syscalls/calls/files.ts";
import { moveMountOnto, mountSetAttributes, newFilesystem, openTreeClone } from "../../syscalls/calls/mounts.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { union } from "../../syscalls/flags.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { asRoot } from "./privilege.ts";

/** Detached mounts of which every cover is a clone. */
export interface Covers {
  readonly directory: Slot;
  readonly file: Slot;
}

const INERT = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV, MOUNT_ATTR.NOEXEC);

export function planCovers(instance: Instance): Covers {
  const { p } = instance;
  const [directory, file] = [p.slot("empty directory"), p.slot("empty file")];
  p.part("make an empty directory and an empty file to cover with", () =>
    asRoot(instance, () => {
      const options = [["size", "0"], ["nr_inodes", "0"], ["mode", "755"]] as const;
      newFilesystem(p, { type: "tmpfs", options, attributes: INERT, result: directory });
      makeEmptyFile(p, [directory, p.text("file")]);
      openTreeClone(p, { at: directory, path: p.text("file"), recursive: false, result: file });
      for (const cover of [directory, file])
        mountSetAttributes(p, cover, { recursive: false, set: union(MOUNT_ATTR.RDONLY, INERT) });
    }),
  );
  return { directory, file };
}

/** Puts a clone of `source` on a place; `cover` is the clone's descriptor, left open. */
export function planCover(
  instance: Instance,
  { source, onto, cover, failure }: { source: Slot; onto: Operand; cover: Slot; failure?: Label },
): void {
  const { p } = instance;
  openTreeClone(p, { at: source, recursive: false, result: cover });
  moveMountOnto(p, cover, onto, failure === undefined ? {} : { failure });
}

/** As `planCover`, of the kind that the place is; nothing stays open. */
export function planCoverOfEitherKind(
  instance: Instance,
  covers: Covers,
  { onto, cover }: { onto: Operand; cover: Slot },
): void {
  const { p } = instance;
  const [isFile, done] = [p.label("a file"), p.label("covered")];
  planCover(instance, { source: covers.directory, onto, cover, failure: isFile });
  p.control("jump", [done]);
  p.place(isFile); // the kernel lets only like cover like: EINVAL
  close(p, cover);
  planCover(instance, { source: covers.file, onto, cover });
  p.place(done);
  close(p, cover);
}

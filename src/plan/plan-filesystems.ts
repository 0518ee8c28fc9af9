/** The filesystems that every instance has for itself: /proc, /dev, /tmp. */

import {
  close,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import { newFilesystem } from "../../syscalls/calls/mounts.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { compute, jumpIf, tolerate } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import type { OrderedTmpfs } from "./order.ts";
import type { Placement } from "./plan-placement.ts";
import { MOUNT_MARK } from "./mount-mark.ts";
import { planProc } from "./plan-proc.ts";
import { asRoot } from "./privilege.ts";
import { tmpfsTexts } from "./wanted.ts";
import {
  DEFAULT_TMPFS_INODES,
  DEFAULT_TMPFS_MODE,
  DEFAULT_TMPFS_SIZE,
} from "./request.ts";

const TMP = "/tmp";

/** Makes them, detached: a fresh procfs is refused once the host's is covered. */
export interface Filesystems {
  readonly dev: Slot;
  attach(placement: Placement): void;
}

export function planFilesystems(instance: Instance): Filesystems {
  const { p, order, facts } = instance;
  const [proc, dev, tmp] = [p.slot("proc"), p.slot("dev"), p.slot("tmp")];
  planProc(instance, proc);
  p.part("make a /dev", () =>
    asRoot(instance, () => {
      const options = [
        ["source", MOUNT_MARK],
        ["size", "268435456"],
        ["nr_inodes", "65536"],
        ["mode", "755"],
        ["gid", facts.mode === "privileged" ? "0" : ownIds(instance).gid],
      ] as const;
      const attributes = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NOEXEC);
      newFilesystem(p, { type: "tmpfs", options, attributes, result: dev });
    }),
  );
  p.part(`make a tmpfs for ${DEFAULT_TMP.name}`, () =>
    whether(p, order.tmp, () => planTmpfs(instance, DEFAULT_TMP, tmp)),
  );
  const attach = (placement: Placement) => {
    p.part("mount /proc", () => {
      planNoLink(instance, "/proc");
      placement.place({ mount: proc, target: "/proc", directory: 1 });
    });
    p.part("mount /tmp", () =>
      whether(p, order.tmp, () =>
        placement.place({ mount: tmp, target: TMP, directory: 1 }),
      ),
    );
    p.part("mount /dev", () => {
      planNoLink(instance, "/dev");
      placement.place({ mount: dev, target: "/dev", directory: 1 });
    });
    p.part("remember what is our own memory", () =>
      whether(p, order.tmp, () => placement.addMemory(tmp, false)),
    );
    placement.addMemory(dev, hasSealedDev(instance));
  };
  return { dev, attach };
}

/**
 * Whether /dev is read-only once it is filled: rootless, where it is the
 * caller's, and for root that may make device nodes.
 */
export function hasSealedDev({ facts, capabilities }: Instance): boolean {
  return facts.mode === "rootless" || capabilities.length > 0;
}

/** Fails if the root has a symbolic link in this place: programs would find something else there. */
function planNoLink({ p, root, stat }: Instance, path: string): void {
  const [place, mode, fine] = [
    p.slot("place"),
    p.slot("mode"),
    p.label("fine"),
  ];
  const absent = [ERRNO.ENOENT, ERRNO.ENOTDIR];
  tolerate(p, { result: place, errnos: absent, then: fine }, (options) => {
    const how = { flags: O.NOFOLLOW };
    openPlaceInRoot(p, [root, p.text(path)], how, options);
  });
  statPlace(p, place, { buffer: stat, fields: { mode } });
  close(p, place);
  compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
  jumpIf(p, [mode, "!=", shown(S_IF.LNK, "S_IFLNK")], fine);
  p.fail(ERRNO.ENOTDIR, "a symbolic link");
  p.place(fine);
}

const DEFAULT_TMP = {
  name: `"${TMP}"`,
  ...tmpfsTexts({
    size: DEFAULT_TMPFS_SIZE,
    inodes: DEFAULT_TMPFS_INODES,
    mode: DEFAULT_TMPFS_MODE,
  }),
};

/** An empty filesystem in memory, owned by the caller. */
export function planTmpfs(
  instance: Instance,
  {
    name,
    size,
    inodes,
    mode,
  }: Omit<OrderedTmpfs, "target"> & { readonly name: string },
  result: Slot,
): void {
  const { p } = instance;
  const own = ownIds(instance);
  const options = [
    ["size", size],
    ["nr_inodes", inodes],
    ["mode", mode],
    ["uid", own.uid],
    ["gid", own.gid],
  ] as const;
  const attributes = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV);
  p.part(`make a tmpfs for ${name}`, () =>
    asRoot(instance, () =>
      newFilesystem(p, { type: "tmpfs", options, attributes, result }),
    ),
  );
}

/** The caller's ids as they are inside, in text. */
function ownIds({ asRoot: isRoot, caller }: Instance): {
  readonly uid: string | Slot;
  readonly gid: string | Slot;
} {
  return isRoot
    ? { uid: "0", gid: "0" }
    : { uid: caller.uidText.text, gid: caller.gidText.text };
}

/**
 * /etc/resolv.conf of the host, where the network is the host's and the
 * instance's root has none that says anything: its link may point to a
 * filesystem that is covered, or another root may have no file or an empty one.
 */

import {
  close,
  openPlace,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  mountSetAttributes,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR, MS } from "../../syscalls/constants/mount.table.ts";
import { RESOLVE } from "../../syscalls/constants/open.table.ts";
import { jump, jumpIf, set, when } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import type { Placement } from "./plan-placement.ts";
import type { RootSource } from "./plan-root.ts";
import { asRoot } from "./privilege.ts";
import { RESOLVER } from "./wanted.ts";

const FOLLOW = 0 as Flags<"O">;
const ATTRIBUTES = union(
  MOUNT_ATTR.RDONLY,
  MOUNT_ATTR.NOSUID,
  MOUNT_ATTR.NODEV,
  MOUNT_ATTR.NOEXEC,
);

/** The host's file: as a detached mount, or only opened, or neither. */
export interface Resolver {
  /** The mount, or 0. */
  readonly mount: Slot;
  /** Below 1 if there is none. */
  readonly file: Slot;
}

/**
 * Takes it, where it is wanted. What lies on the root's own filesystem is only
 * opened, since it stays there and is most likely in its place: a clone that
 * nobody mounts takes the kernel as long to let go as an unmounting.
 */
export function planResolverSource(
  instance: Instance,
  { own }: Pick<RootSource, "own">,
): Resolver {
  const { p, order } = instance;
  const resolver = {
    mount: p.slot("resolv.conf's clone"),
    file: p.slot("resolv.conf"),
  };
  p.part(`take the host's "${RESOLVER}"`, () =>
    whether(p, order.resolver, () => planSource(instance, resolver, own)),
  );
  return resolver;
}

function planSource(
  instance: Instance,
  { mount, file }: Resolver,
  own: Slot,
): void {
  const { p, root, scratch } = instance;
  const [apart, done] = [p.label("beyond a mount"), p.label("no resolv.conf")];
  const path = p.text(RESOLVER);
  // What --scratch lays over the root takes the process's own away.
  if (scratch === null)
    when(p, [own, "!=", 0], () => {
      const resolve = RESOLVE.NO_XDEV;
      const options = { result: file, failure: apart };
      openPlaceInRoot(p, [root, path], { resolve }, options);
      jump(p, done);
    });
  p.place(apart);
  openPlace(p, [WORKING_DIRECTORY, path], FOLLOW, {
    result: file,
    failure: done,
  });
  planClone(instance, file, mount);
  close(p, file);
  set(p, file, 0);
  p.place(done);
}

function planClone(instance: Instance, file: Slot, mount: Slot): void {
  const { p } = instance;
  asRoot(instance, () => {
    openTreeClone(p, { at: file, recursive: false, result: mount });
    mountSetAttributes(p, mount, {
      recursive: false,
      set: ATTRIBUTES,
      propagation: MS.PRIVATE,
    });
  });
}

export function planResolver(
  instance: Instance,
  resolver: Resolver,
  placement: Placement,
): void {
  const { p, order } = instance;
  p.part(`mount the host's "${RESOLVER}"`, () =>
    whether(p, order.resolver, () => planPlace(instance, resolver, placement)),
  );
}

function planPlace(
  instance: Instance,
  { mount, file }: Resolver,
  placement: Placement,
): void {
  const { p, order, root, stat } = instance;
  const [inside, size] = [p.slot("resolv.conf inside"), p.slot("its size")];
  const [missing, wanted, done] = [
    p.label("missing"),
    p.label("wanted"),
    p.label("has its own"),
  ];
  const again = p.label("look");
  when(p, [mount, "==", 0], () => jumpIf(p, [file, "<", 1], done));
  p.place(again);
  openPlaceInRoot(
    p,
    [root, p.text(RESOLVER)],
    {},
    { result: inside, failure: missing },
  );
  statPlace(p, inside, { buffer: stat, fields: { size } });
  close(p, inside);
  jumpIf(p, [size, "!=", 0], done);
  jump(p, wanted);
  p.place(missing);
  // Behind a ".." the kernel is not sure while anything is mounted anywhere. openat2(2).
  jumpIf(p, [inside, "==", -ERRNO.EAGAIN], again);
  // Where it is missing its directory would be tiled, and so read-only: not in a root that is being built.
  whether(p, order.keepsRoot, () => jump(p, done));
  p.place(wanted);
  when(p, [mount, "==", 0], () => planClone(instance, file, mount));
  // The root's own may be a link into /proc, to what this kernel has not.
  const optional = true;
  placement.place({ mount, target: RESOLVER, directory: 0, optional });
  p.place(done);
}

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
import { jump, jumpIf } from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import type { Placement } from "./plan-placement.ts";
import { asRoot } from "./privilege.ts";
import { RESOLVER } from "./wanted.ts";

const FOLLOW = 0 as Flags<"O">;
const ATTRIBUTES = union(
  MOUNT_ATTR.RDONLY,
  MOUNT_ATTR.NOSUID,
  MOUNT_ATTR.NODEV,
  MOUNT_ATTR.NOEXEC,
);

/** The host's file as a detached mount, or 0 where there is none to be had, or none is wanted. */
export function planResolverSource(instance: Instance): Slot {
  const { p, order } = instance;
  const mount = p.slot("resolv.conf's clone");
  p.part(`take the host's "${RESOLVER}"`, () =>
    whether(p, order.resolver, () => planSource(instance, mount)),
  );
  return mount;
}

function planSource(instance: Instance, mount: Slot): void {
  const { p } = instance;
  const file = p.slot("resolv.conf");
  const none = p.label("no resolv.conf");
  openPlace(p, [WORKING_DIRECTORY, p.text(RESOLVER)], FOLLOW, {
    result: file,
    failure: none,
  });
  asRoot(instance, () => {
    openTreeClone(p, { at: file, recursive: false, result: mount });
    mountSetAttributes(p, mount, {
      recursive: false,
      set: ATTRIBUTES,
      propagation: MS.PRIVATE,
    });
  });
  close(p, file);
  p.place(none);
}

export function planResolver(
  instance: Instance,
  mount: Slot,
  placement: Placement,
): void {
  const { p, order } = instance;
  p.part(`mount the host's "${RESOLVER}"`, () =>
    whether(p, order.resolver, () => planPlace(instance, mount, placement)),
  );
}

function planPlace(
  { p, order, root, stat }: Instance,
  mount: Slot,
  placement: Placement,
): void {
  const [inside, size] = [p.slot("resolv.conf inside"), p.slot("its size")];
  const [missing, wanted, done] = [
    p.label("missing"),
    p.label("wanted"),
    p.label("has its own"),
  ];
  jumpIf(p, [mount, "==", 0], done);
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
  // Where it is missing its directory would be tiled, and so read-only: not in a root that is being built.
  whether(p, order.keepsRoot, () => jump(p, done));
  p.place(wanted);
  placement.place({ mount, target: RESOLVER, directory: 0 });
  p.place(done);
}

/** Read-only in the end: what had to be writable while it was filled. */

import { mountSetAttributes } from "../../syscalls/calls/mounts.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import type { Instance } from "./instance.ts";
import type { Placement } from "./plan-placement.ts";
import { asRoot } from "./privilege.ts";

export function planSeals(instance: Instance, placement: Placement): void {
  const { p } = instance;
  p.part("make our own directories read-only", () =>
    asRoot(instance, () =>
      placement.eachSealed((mount) => mountSetAttributes(p, mount, { recursive: false, set: MOUNT_ATTR.RDONLY })),
    ),
  );
}

/**
 * What is at /proc. Security model: a fresh one shows the instance's processes
 * alone. The surrounding one shows those of the surroundings, and the kernel
 * keeps their insides (root, descriptors, memory, environment) from a process
 * of another user namespace: so it is for rootless instances alone, and
 * read-only, since some of its files ask for nothing but the uid.
 */

import { close, openPlace } from "../../syscalls/calls/files.ts";
import {
  mountSetAttributes,
  newFilesystem,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { flag, WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR, MS } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { set, when } from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { asRoot } from "./privilege.ts";

/** The action of its part. */
export const MAKING_PROC = "make a /proc";

const INERT = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV, MOUNT_ATTR.NOEXEC);
const SEALED = union(INERT, MOUNT_ATTR.RDONLY);

/** Makes it, detached. */
export function planProc(instance: Instance, result: Slot): void {
  const { p, proc, facts } = instance;
  // With root's rights the processes that it shows would be open, too.
  if (proc === "host" && facts.mode !== "rootless")
    throw new RangeError("--proc host is rootless");
  const make = (
    type: "proc" | "tmpfs",
    attributes: Flags<"MOUNT_ATTR"> | Slot,
  ) =>
    asRoot(instance, () => {
      const options = type === "proc" ? [] : NOTHING_IN_IT;
      newFilesystem(p, { type, options, attributes, result });
    });
  const plans = {
    own: () => make("proc", ownAttributes(instance)),
    none: () => make("tmpfs", SEALED),
    host: () => planSurrounding(instance, result),
  };
  const action = proc === "host" ? "take the surrounding /proc" : MAKING_PROC;
  p.part(action, plans[proc]);
}

/** Files of /proc/sys ask for the uid alone: root, without any capability, could write them. */
function ownAttributes({
  p,
  facts,
  caller,
}: Instance): Flags<"MOUNT_ATTR"> | Slot {
  if (!facts.caller.anybody) return facts.caller.uid === 0 ? SEALED : INERT;
  const attributes = p.slot("attributes of /proc");
  set(p, attributes, flag("MOUNT_ATTR", INERT));
  when(p, [caller.uid, "==", 0], () =>
    set(p, attributes, flag("MOUNT_ATTR", SEALED)),
  );
  return attributes;
}

const NOTHING_IN_IT = [
  ["size", "0"],
  ["nr_inodes", "0"],
  ["mode", "555"],
] as const;

/** With what covers parts of it. */
function planSurrounding({ p }: Instance, result: Slot): void {
  const opened = p.slot("surrounding /proc");
  const place = [WORKING_DIRECTORY, p.text("/proc")] as const;
  openPlace(p, place, O.DIRECTORY, { result: opened });
  openTreeClone(p, { at: opened, recursive: true, result });
  mountSetAttributes(p, result, {
    recursive: true,
    set: SEALED,
    propagation: MS.PRIVATE,
  });
  close(p, opened);
}

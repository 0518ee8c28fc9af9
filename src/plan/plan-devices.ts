/** /dev: a few device nodes, links, private pseudo-terminals, shared memory, and the caller's terminal. */

import {
  close,
  makeDevice,
  makeDirectory,
  makeEmptyFile,
  makeSymlink,
  openPlace,
} from "../../syscalls/calls/files.ts";
import {
  moveMountAt,
  mountSetAttributes,
  newFilesystem,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { when } from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import type { Slot } from "../../syscalls/program.ts";
import { DEVICE_LINKS, DEVICES } from "./devices.table.ts";
import type { Instance } from "./instance.ts";
import { hasSealedDev } from "./plan-filesystems.ts";
import type { Filesystems } from "./plan-filesystems.ts";
import { planTerminalPlace } from "./plan-terminal.ts";
import { asRoot } from "./privilege.ts";

/** Clones of host nodes that wait for their place in the new /dev. */
export interface DeviceSources {
  readonly nodes: readonly { readonly name: string; readonly node: Slot }[];
  /** One more of them, older than the rest, for a place that is out of reach; null if there are none. */
  readonly unlisted: Slot | null;
  /** The caller's terminal, or 0. */
  readonly terminal: Slot;
}

/** Device nodes must not carry set-id bits or programs; what they may do is their own. */
const DEVICE_ATTRIBUTES = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NOEXEC);

export function planDeviceSources(instance: Instance): DeviceSources {
  const { p, facts } = instance;
  const takeNamed = (name: string) => {
    const [node, place] = [p.slot(name), p.slot("device")];
    const path = `/dev/${name}`;
    openPlace(p, [WORKING_DIRECTORY, p.text(path)], O.NOFOLLOW, {
      result: place,
      subject: `"${path}"`,
    });
    planClone(instance, place, node);
    return { name, node };
  };
  const terminal = p.slot("terminal");
  const rootless = facts.mode === "rootless";
  // GNU df lists the host's devtmpfs once, by the shortest place at which it is
  // mounted, and passes over a place that it cannot look at: so the oldest clone
  // goes below our /proc (plan-covers.ts), and none of those in /dev is listed.
  const [unlisted, nodes] = p.part("take the host's device nodes", () =>
    rootless
      ? [takeNamed("tty").node, DEVICES.map(({ name }) => takeNamed(name))]
      : [null, []],
  );
  p.part("take the caller's terminal", () => {
    const place = planTerminalPlace(instance);
    when(p, [place, "!=", 0], () => planClone(instance, place, terminal));
  });
  return { nodes, unlisted, terminal };
}

/** A clone of the node, instead of its place. */
function planClone(instance: Instance, place: Slot, node: Slot): void {
  const { p } = instance;
  asRoot(instance, () => {
    openTreeClone(p, { at: place, recursive: false, result: node });
    mountSetAttributes(p, node, { recursive: false, set: DEVICE_ATTRIBUTES });
  });
  close(p, place);
}

/** Fills /dev, which is in its place already. */
export function planDevices(
  instance: Instance,
  { dev }: Filesystems,
  sources: DeviceSources,
): void {
  const { p, facts } = instance;
  p.part("fill /dev", () =>
    asRoot(instance, () => {
      if (facts.mode === "privileged")
        for (const device of DEVICES) makeDevice(p, [dev, device.name], device);
      for (const { name, node } of sources.nodes) {
        makeEmptyFile(p, [dev, p.text(name)]);
        planNode(instance, dev, name, node);
      }
      when(p, [sources.terminal, "!=", 0], () => {
        makeEmptyFile(p, [dev, p.text("console")]);
        planNode(instance, dev, "console", sources.terminal);
      });
      for (const { name, content } of DEVICE_LINKS)
        makeSymlink(p, p.text(content), [dev, p.text(name)]);
      makeDirectory(p, [dev, p.text("pts")]);
      const options = [
        ["newinstance", null],
        ["mode", "600"],
        ["ptmxmode", "666"],
      ] as const;
      planOwn(instance, dev, "pts", { type: "devpts", options });
      makeDirectory(p, [dev, p.text("shm")], { mode: 0o1777 });
      if (hasSealedDev(instance))
        planOwn(instance, dev, "shm", {
          type: "tmpfs",
          options: SHARED_MEMORY,
        });
    }),
  );
}

const SHARED_MEMORY = [
  ["size", "268435456"],
  ["nr_inodes", "65536"],
  ["mode", "1777"],
] as const;

function planNode({ p }: Instance, dev: Slot, name: string, node: Slot): void {
  moveMountAt(p, node, dev, p.text(name));
  close(p, node);
}

function planOwn(
  { p }: Instance,
  dev: Slot,
  name: string,
  filesystem: Pick<Parameters<typeof newFilesystem>[1], "type" | "options">,
): void {
  const nodev = filesystem.type === "devpts" ? [] : [MOUNT_ATTR.NODEV];
  const attributes = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NOEXEC, ...nodev);
  const mount = newFilesystem(p, { ...filesystem, attributes, result: name });
  moveMountAt(p, mount, dev, p.text(name));
  close(p, mount);
}

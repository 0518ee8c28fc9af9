/**
 * `--map`, `--vol`, `--tmpfs`, `--hide`, `--data`. Security model: a source is
 * opened once, by the user's effective ids, in the child's own copy of the mount
 * namespace and before anything is mounted; from then on it is only a descriptor.
 */

import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import {
  mountSetAttributes,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import { MOUNT_ATTR, MS } from "../../syscalls/constants/mount.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { compute, set, when } from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Operand } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import type { OrderedBind, OrderedMount, Word } from "./order.ts";
import { planTmpfs } from "./plan-filesystems.ts";
import { planHiding } from "./plan-memory-files.ts";
import type { MemoryClones } from "./plan-memory-files.ts";
import type { Placement } from "./plan-placement.ts";
import { asRoot } from "./privilege.ts";

const FOLLOW = 0 as Flags<"O">;

/** Opens and clones every source, in the order given. */
export function planSources(instance: Instance): void {
  instance.order.eachMount((mount) =>
    mount.as({
      bind: (bind) => planBindSource(instance, bind, mount),
      tmpfs: ({ target, ...options }) => {
        const { name } = target;
        planTmpfs(instance, { name, ...options }, mount.mount);
      },
    }),
  );
}

/** Puts them in their places: later ones lie on top. */
export function planMounts(
  instance: Instance,
  clones: MemoryClones,
  placement: Placement,
): void {
  const { p, order } = instance;
  order.eachMount((ordered) => {
    const { mount, directory } = ordered;
    const place = (target: Word, kind: Operand) =>
      placement.place({ mount, target: target.address, directory: kind });
    ordered.as({
      bind: ({ source, target }) =>
        p.part(`mount ${source.name} at ${target.name}`, () => {
          place(target, directory);
          close(p, mount);
        }),
      tmpfs: ({ target }) => {
        p.part(`mount a tmpfs at ${target.name}`, () => place(target, 1));
        placement.addMemory(mount, false);
      },
      hide: (target) => planHiding(instance, target, ordered),
      data: ({ file, target }) =>
        p.part(`mount what was read at ${target.name}`, () => {
          set(p, mount, clones.data(file));
          place(target, 0);
          close(p, mount);
        }),
    });
  });
}

function planBindSource(
  instance: Instance,
  { source, target, readOnly }: OrderedBind,
  { mount, directory }: OrderedMount,
): void {
  const { p, stat } = instance;
  p.part(`mount ${source.name} at ${target.name}`, () => {
    const subject = source.name;
    const opened = p.slot("source");
    openPlace(p, [WORKING_DIRECTORY, source.address], FOLLOW, {
      result: opened,
      subject,
    });
    const mode = p.slot("source's mode");
    statPlace(p, opened, { buffer: stat, fields: { mode } });
    compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
    set(p, directory, 0);
    when(p, [mode, "==", shown(S_IF.DIR, "S_IFDIR")], () =>
      set(p, directory, 1),
    );
    asRoot(instance, () => {
      openTreeClone(p, { at: opened, recursive: true, result: mount, subject });
      whether(
        p,
        readOnly,
        () => setAttributes(instance, mount, MAP),
        () => setAttributes(instance, mount, VOLUME),
      );
    });
    close(p, opened);
  });
  target.prepare?.();
}

interface Attributes {
  readonly set: Flags<"MOUNT_ATTR">;
  readonly propagation?: Flags<"MS">;
}

/** Nothing that the host mounts later may come up in it, since it must stay read-only. */
const MAP: Attributes = {
  set: union(MOUNT_ATTR.RDONLY, MOUNT_ATTR.NOSUID),
  propagation: MS.PRIVATE,
};

/** It stays a slave: the host's later unmounts (and mounts) reach it. */
const VOLUME: Attributes = { set: MOUNT_ATTR.NOSUID };

function setAttributes(
  { p, capabilities }: Instance,
  mount: OrderedMount["mount"],
  { set: given, ...how }: Attributes,
): void {
  // Who may make device nodes must not find a place where they work.
  const all = capabilities.includes(CAP.MKNOD)
    ? union(given, MOUNT_ATTR.NODEV)
    : given;
  mountSetAttributes(p, mount, { recursive: true, ...how, set: all });
}

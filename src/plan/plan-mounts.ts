/**
 * `--map`, `--vol`, `--tmpfs`. Security model: a source is opened once, by the
 * user's effective ids, in the child's own copy of the mount namespace and
 * before anything is mounted; from then on it is only a descriptor.
 */

import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import {
  mountSetAttributes,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MOUNT_ATTR, MS } from "../../syscalls/constants/mount.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { compute, set, when } from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Data, Shown, Slot } from "../../syscalls/program.ts";
import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import { handedOver } from "../stage0/handover.ts";
import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { idsInside, keptCapabilities } from "./capabilities.ts";
import { SelfdockError } from "./error.ts";
import type { Facts } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { joinPath } from "./path.ts";
import { planTmpfs } from "./plan-filesystems.ts";
import { planOwnPath } from "./plan-own-path.ts";
import { planHiding } from "./plan-memory-files.ts";
import type { Hiding, MemoryClones } from "./plan-memory-files.ts";
import type { Placement } from "./plan-placement.ts";
import { asRoot } from "./privilege.ts";
import type { BindRequest, DataRequest, MountRequest } from "./request.ts";

const FOLLOW = 0 as Flags<"O">;

/** A detached mount that waits for its place. */
export interface Source {
  readonly action: string;
  readonly mount: Slot;
  /** A path, or the address of one. */
  readonly target: Bytes | Shown | Data;
  /** 1 for a directory, 0 for anything else. */
  readonly directory: Slot | number;
  readonly memory: boolean;
}

/** Opens and clones every source, in the order given. */
export function planSources(
  instance: Instance,
  clones: MemoryClones,
): readonly (Source | Hiding)[] {
  for (const mount of instance.request.mounts) requirePossible(mount, instance);
  const hidings = clones.hidings[Symbol.iterator]();
  return instance.request.mounts.map((mount) => {
    if (mount.kind === "tmpfs") return planTmpfsSource(instance, mount);
    if (mount.kind === "hide") return hidings.next().value!;
    if (mount.kind === "data") return dataSource(mount, clones);
    return planBindSource(instance, mount);
  });
}

function dataSource(
  { descriptor, target }: DataRequest,
  clones: MemoryClones,
): Source {
  const action = `mount what was read at ${quote(target)}`;
  const mount = clones.data(descriptor);
  return { action, mount, target, directory: 0, memory: false };
}

/** What the kernel would allow to root, or do without effect, but nobody can have wanted. */
function requirePossible(
  mount: MountRequest,
  { request, facts }: Instance,
): void {
  const { uid, gid } = idsInside(request, facts);
  if (
    !isKnownLater(mount, facts) &&
    joinPath("/" as Bytes, placeOf(mount, facts)) === "/"
  ) {
    throw new SelfdockError(
      "usage",
      `Cannot mount at ${quote(mount.target)}: it is the root`,
      "another root filesystem is chosen with --rootfs DIR",
    );
  }
  if (mount.kind !== "tmpfs") return;
  for (const [name, given, own] of [
    ["uid", mount.uid, uid],
    ["gid", mount.gid, gid],
  ] as const) {
    if (given === null || given === own) continue;
    throw new SelfdockError(
      "usage",
      `Cannot give the tmpfs at ${quote(mount.target)} to ${name} ${given}: only your own is possible, ${name}=${own}`,
    );
  }
}

/** Puts them in their places: later ones lie on top. */
export function planMounts(
  instance: Instance,
  sources: readonly (Source | Hiding)[],
  placement: Placement,
): void {
  const { p } = instance;
  for (const source of sources) {
    if (!("mount" in source)) {
      planHiding(instance, source);
      continue;
    }
    const { action, mount, target, directory, memory } = source;
    p.part(action, () => {
      placement.place({ mount, target, directory });
      if (!memory) close(p, mount);
    });
    if (memory) placement.addMemory(mount, false);
  }
}

function planTmpfsSource(
  instance: Instance,
  mount: MountRequest & { kind: "tmpfs" },
): Source {
  const { p } = instance;
  const result = p.slot("tmpfs");
  planTmpfs(instance, mount, result);
  const action = `mount a tmpfs at ${quote(mount.target)}`;
  return {
    action,
    mount: result,
    target: mount.target,
    directory: 1,
    memory: true,
  };
}

/** The target, or for `.` the source's own path. */
function placeOf(mount: MountRequest, { caller }: Facts): Bytes {
  if (!("source" in mount) || mount.target !== ".") return mount.target;
  return joinPath(caller.directory ?? ("/" as Bytes), mount.source);
}

/** Whether its place depends on where the Program is played. */
function isKnownLater(mount: MountRequest, { caller }: Facts): boolean {
  return (
    caller.anybody &&
    "source" in mount &&
    mount.target === "." &&
    !mount.source.startsWith("/")
  );
}

function planBindSource(
  instance: Instance,
  { kind, source, target }: BindRequest,
): Source {
  const { p, request, stat, facts } = instance;
  const later = isKnownLater({ kind, source, target }, facts);
  const place = later ? target : placeOf({ kind, source, target }, facts);
  const action = `mount ${quote(source)} at ${quote(place)}`;
  const [opened, mount, directory] = [
    p.slot("source"),
    p.slot("source's clone"),
    p.slot("source is a directory"),
  ];
  p.part(action, () => {
    const subject = quote(source);
    openPlace(p, [WORKING_DIRECTORY, p.text(source)], FOLLOW, {
      result: opened,
      subject,
    });
    const mode = p.slot("source's mode");
    statPlace(p, opened, { buffer: stat, fields: { mode } });
    compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
    when(p, [mode, "==", shown(S_IF.DIR, "S_IFDIR")], () =>
      set(p, directory, 1),
    );
    asRoot(instance, () => {
      openTreeClone(p, { at: opened, recursive: true, result: mount, subject });
      const { set: given, ...how } = ATTRIBUTES[kind];
      // Who may make device nodes must not find a place where they work.
      const nodes = keptCapabilities(request, facts).includes(CAP.MKNOD);
      const all = nodes ? union(given, MOUNT_ATTR.NODEV) : given;
      mountSetAttributes(p, mount, { ...how, set: all });
    });
    close(p, opened);
  });
  // The caller's own directory: the same Program for everybody.
  const isHere = source === "." && target === ".";
  const known = isHere ? handedOver("directoryPath") : place;
  const where = later ? planOwnPath(instance, { source, action }) : known;
  return { action, mount, target: where, directory, memory: false };
}

/**
 * A map must stay read-only, so nothing that the host mounts later may come up
 * in it. A volume stays a slave: the host's later unmounts (and mounts) reach it.
 */
const ATTRIBUTES = {
  map: {
    recursive: true,
    set: union(MOUNT_ATTR.RDONLY, MOUNT_ATTR.NOSUID),
    propagation: MS.PRIVATE,
  },
  vol: { recursive: true, set: MOUNT_ATTR.NOSUID },
} as const;

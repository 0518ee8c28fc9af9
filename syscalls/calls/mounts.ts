/** Mounts by descriptor: open_tree(2), move_mount(2), mount_setattr(2), the fs* calls, pivot_root(2). */

import type { ProgramBuilder } from "../builder.ts";
import type { Flags } from "../flags.ts";
import { union } from "../flags.ts";
import {
  FSCONFIG,
  FSMOUNT,
  FSOPEN,
  FSPICK,
  MNT,
  MOVE_MOUNT,
  MS,
  OPEN_TREE,
} from "../constants/mount.table.ts";
import { AT } from "../constants/open.table.ts";
import { shown } from "../program.ts";
import type { Failure, Operand, Slot } from "../program.ts";
import { encodeStruct } from "../struct.ts";
import { MOUNT_ATTR_ARGS } from "../structs.ts";
import { describeFlags } from "../flags.ts";
import { flag, named, NULL } from "./operands.ts";

/** `mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)`: mount events still come in from where this namespace was copied, none go out. mount_namespaces(7). */
export function mountMakeSlave(p: ProgramBuilder): void {
  const slave = flag("MS", union(MS.REC, MS.SLAVE));
  p.call("mount", [NULL, p.text("/"), NULL, slave, NULL]);
}

/** What of a tree is cloned. */
export interface TreeClone {
  /** A directory descriptor, or the very thing if the path is empty. */
  readonly at: Operand;
  readonly path?: Operand;
  /** With everything that is mounted below. */
  readonly recursive: boolean;
  readonly result: string | Slot;
  readonly failure?: Failure;
  readonly subject?: string;
}

/** `open_tree(at, path, OPEN_TREE_CLONE…)`: a detached copy of a mount, as a descriptor. open_tree(2), Linux 5.2. */
export function openTreeClone(p: ProgramBuilder, clone: TreeClone): Slot {
  const { at, path = p.text(""), recursive, result, failure, subject } = clone;
  const how = union(
    AT.EMPTY_PATH,
    AT.NO_AUTOMOUNT,
    AT.SYMLINK_NOFOLLOW,
    recursive ? AT.RECURSIVE : 0,
  );
  const value = how + OPEN_TREE.CLONE + OPEN_TREE.CLOEXEC;
  const flags = shown(
    value,
    () => `OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|${describeFlags("AT", how)}`,
  );
  return p.call("open_tree", [at, path, flags], {
    result,
    ...(failure === undefined ? {} : { failure }),
    ...(subject === undefined ? {} : { subject }),
  });
}

/** Puts the detached mount on the thing that the descriptor `onto` names. move_mount(2), Linux 5.2. */
export function moveMountOnto(
  p: ProgramBuilder,
  mount: Operand,
  onto: Operand,
  options: { failure?: Failure; subject?: string } = {},
): void {
  const flags = flag(
    "MOVE_MOUNT",
    union(MOVE_MOUNT.F_EMPTY_PATH, MOVE_MOUNT.T_EMPTY_PATH),
  );
  p.call("move_mount", [mount, p.text(""), onto, p.text(""), flags], options);
}

/** Puts the detached mount between the mount whose root `top` is and what that is mounted on. Linux 6.5. */
export function moveMountBeneath(
  p: ProgramBuilder,
  mount: Operand,
  top: Operand,
  failure: Failure,
): void {
  const { F_EMPTY_PATH, T_EMPTY_PATH, BENEATH } = MOVE_MOUNT;
  const flags = flag("MOVE_MOUNT", union(F_EMPTY_PATH, T_EMPTY_PATH, BENEATH));
  p.call("move_mount", [mount, p.text(""), top, p.text(""), flags], {
    failure,
  });
}

/** Puts the detached mount on the entry `name` (not followed) of a directory. */
export function moveMountAt(
  p: ProgramBuilder,
  mount: Operand,
  directory: Operand,
  name: Operand,
): void {
  p.call("move_mount", [
    mount,
    p.text(""),
    directory,
    name,
    flag("MOVE_MOUNT", MOVE_MOUNT.F_EMPTY_PATH),
  ]);
}

/** Adds attributes to a mount, or to it and all below, and may change its propagation. mount_setattr(2), Linux 5.12. */
export function mountSetAttributes(
  p: ProgramBuilder,
  mount: Operand,
  change: {
    recursive: boolean;
    set: Flags<"MOUNT_ATTR">;
    propagation?: Flags<"MS">;
  },
): void {
  const { recursive, set, propagation = 0 } = change;
  const attributes = p.constant(
    () =>
      `{${describeFlags("MOUNT_ATTR", set)}, ${describeFlags("MS", propagation)}}`,
    encodeStruct(MOUNT_ATTR_ARGS, { attr_set: set, propagation }),
  );
  const how = recursive ? union(AT.EMPTY_PATH, AT.RECURSIVE) : AT.EMPTY_PATH;
  p.call("mount_setattr", [
    mount,
    p.text(""),
    flag("AT", how),
    attributes,
    MOUNT_ATTR_ARGS.size,
  ]);
}

/** A new filesystem. */
export interface Filesystem {
  readonly type: "proc" | "tmpfs" | "devpts" | "overlay";
  /** `key=value` (a text, or the address of one), or a flag where the value is null. */
  readonly options: readonly (readonly [string, string | Slot | null])[];
  readonly attributes: Flags<"MOUNT_ATTR"> | Slot;
  readonly result: string | Slot;
}

/** `fsopen`, `fsconfig`, `fsmount`: a new filesystem as a detached mount. fsopen(2), Linux 5.2. */
export function newFilesystem(
  p: ProgramBuilder,
  { type, options, attributes, result }: Filesystem,
): Slot {
  const context = p.call(
    "fsopen",
    [p.text(type), flag("FSOPEN", FSOPEN.CLOEXEC)],
    { result: `${type} context` },
  );
  for (const [key, value] of options) {
    const command = named(
      "FSCONFIG",
      FSCONFIG,
      value === null ? "SET_FLAG" : "SET_STRING",
    );
    p.call("fsconfig", [context, command, p.text(key), valueOf(p, value), 0], {
      subject: typeof value === "string" ? `${key}=${value}` : key,
    });
  }
  p.call("fsconfig", [
    context,
    named("FSCONFIG", FSCONFIG, "CMD_CREATE"),
    NULL,
    NULL,
    0,
  ]);
  const mount = p.call(
    "fsmount",
    [
      context,
      flag("FSMOUNT", FSMOUNT.CLOEXEC),
      typeof attributes === "object"
        ? attributes
        : flag("MOUNT_ATTR", attributes),
    ],
    { result },
  );
  p.call("close", [context]);
  return mount;
}

function valueOf(p: ProgramBuilder, value: string | Slot | null): Operand {
  if (value === null) return NULL;
  return typeof value === "string" ? p.text(value) : value;
}

/**
 * The filesystem itself, not just a mount of it, becomes read-only: all its
 * mounts at once. fspick(2), Linux 5.2.
 */
export function filesystemSetReadOnly(p: ProgramBuilder, mount: Operand): void {
  const flags = flag(
    "FSPICK",
    union(FSPICK.CLOEXEC, FSPICK.EMPTY_PATH, FSPICK.NO_AUTOMOUNT),
  );
  const context = p.call("fspick", [mount, p.text(""), flags], {
    result: "filesystem",
  });
  p.call("fsconfig", [
    context,
    named("FSCONFIG", FSCONFIG, "SET_FLAG"),
    p.text("ro"),
    NULL,
    0,
  ]);
  p.call("fsconfig", [
    context,
    named("FSCONFIG", FSCONFIG, "CMD_RECONFIGURE"),
    NULL,
    NULL,
    0,
  ]);
  p.call("close", [context]);
}

/** The working directory becomes `/`, and the old root lies on top of it: pivot_root(2), "new_root and put_old may be the same". */
export function pivotRootHere(p: ProgramBuilder): void {
  p.call("pivot_root", [p.text("."), p.text(".")]);
}

/** The working directory becomes `/`, and the old root lies on `putOld`, a directory in it. pivot_root(2). */
export function pivotRootOnto(p: ProgramBuilder, putOld: string): void {
  p.call("pivot_root", [p.text("."), p.text(putOld)]);
}

/** Takes away what is mounted on the working directory, with all below. umount2(2). */
export function unmountHere(p: ProgramBuilder): void {
  p.call("umount2", [p.text("."), flag("MNT", MNT.DETACH)]);
}

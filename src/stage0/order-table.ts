/**
 * The table in which a line's words stand for a ready-made launch: pointers and
 * flags that stage 0 has found in the line, or else Bun. It lies at a fixed
 * address in stage 0's memory, which nobody else can write.
 */

import { shown } from "../../syscalls/program.ts";
import type { Shown } from "../../syscalls/program.ts";
import { words } from "../../syscalls/struct.ts";
import { MEMORY_ADDRESS } from "./handover.ts";

/** Addresses, numbers, and truths: 1 or 0. See Order. */
export const ORDER = words([
  /** Of the array of pointers that begins with the command. */
  "command",
  /** Of the environment's array of pointers. */
  "environment",
  "rootfs",
  "writable",
  "resolver",
  "keepsRoot",
  "tmp",
  "hides",
  /** Of the first of MOUNT_ROW, and behind the last. */
  "mounts",
  "mountsEnd",
  "changesDirectory",
  "directory",
  "report",
  "executable",
  /** Of the first number of 64 bits, ascending, and behind the last. */
  "kept",
  "keptEnd",
  "noNetwork",
  "namesHost",
  "hostname",
  "hostnameLength",
  /** Of the first of LIMIT_ROW, and behind the last. */
  "limits",
  "limitsEnd",
  "init",
  /** A saved root is given up for good before. */
  "rootless",
]);

export type OrderField = keyof typeof ORDER.fields;

/** A mount: the words for it, and what the launch has made of them so far. */
export const MOUNT_ROW = words([
  /** One of MOUNT_KIND. */
  "kind",
  "source",
  "target",
  /** The options of a tmpfs, as texts. */
  "size",
  "inodes",
  "mode",
  /** See OrderedMount. */
  "mount",
  "directory",
  "file",
]);

/** Binds come first, and are told by their lowest bit. */
export const MOUNT_KIND = { map: 1, vol: 2, tmpfs: 3, hide: 4 } as const;

/** A limit: RLIMIT's number, and struct rlimit64. */
export const LIMIT_ROW = words(["resource", "soft", "hard"]);

/** Where the table is; behind it, order-room.ts. */
export const ORDER_ADDRESS = MEMORY_ADDRESS + 0x3_0000;
/** The address of a field, as an operand. */
export function ordered(field: OrderField): Shown {
  return shown(ORDER_ADDRESS + ORDER.fields[field].offset, `&order.${field}`);
}

/**
 * The table in which a line's words stand for a ready-made launch: pointers and
 * flags that stage 0 has found in the line, or else Bun. It lies at a fixed
 * address in stage 0's memory, which nobody else can write.
 */

import { shown } from "../../syscalls/program.ts";
import type { Shown } from "../../syscalls/program.ts";
import { layout, u64 } from "../../syscalls/struct.ts";
import { MEMORY_ADDRESS } from "./handover.ts";

/** Addresses, numbers, and truths: 1 or 0. See Order. */
export const ORDER = layout(256, {
  /** Of the array of pointers that begins with the command. */
  command: u64(0),
  /** Of the environment's array of pointers. */
  environment: u64(8),
  rootfs: u64(16),
  writable: u64(24),
  resolver: u64(32),
  keepsRoot: u64(40),
  tmp: u64(48),
  hides: u64(56),
  /** Of the first of MOUNT_ROW, and behind the last. */
  mounts: u64(64),
  mountsEnd: u64(72),
  changesDirectory: u64(80),
  directory: u64(88),
  report: u64(96),
  executable: u64(104),
  /** Of the first number of 64 bits, ascending, and behind the last. */
  kept: u64(112),
  keptEnd: u64(120),
  noNetwork: u64(128),
  namesHost: u64(136),
  hostname: u64(144),
  hostnameLength: u64(152),
  /** Of the first of LIMIT_ROW, and behind the last. */
  limits: u64(160),
  limitsEnd: u64(168),
  init: u64(176),
  /** A saved root is given up for good before. */
  rootless: u64(184),
});

export type OrderField = keyof typeof ORDER.fields;

/** A mount: the words for it, and what the launch has made of them so far. */
export const MOUNT_ROW = layout(72, {
  /** One of MOUNT_KIND. */
  kind: u64(0),
  source: u64(8),
  target: u64(16),
  /** The options of a tmpfs, as texts. */
  size: u64(24),
  inodes: u64(32),
  mode: u64(40),
  /** See OrderedMount. */
  mount: u64(48),
  directory: u64(56),
  file: u64(64),
});

/** Binds come first, and are told by their lowest bit. */
export const MOUNT_KIND = { map: 1, vol: 2, tmpfs: 3, hide: 4 } as const;

/** A limit: RLIMIT's number, and struct rlimit64. */
export const LIMIT_ROW = layout(24, {
  resource: u64(0),
  soft: u64(8),
  hard: u64(16),
});

/** Where the table is; behind it, order-room.ts. */
export const ORDER_ADDRESS = MEMORY_ADDRESS + 0x3_0000;
/** The address of a field, as an operand. */
export function ordered(field: OrderField): Shown {
  return shown(ORDER_ADDRESS + ORDER.fields[field].offset, `&order.${field}`);
}

/**
 * What stage 0 leaves for the launcher: the caller's state as it was before
 * anything of Bun ran. It lies at a fixed address, so that both sides know it
 * without asking.
 */

import { shown } from "../../syscalls/program.ts";
import type { Shown } from "../../syscalls/program.ts";
import { bytes, layout, u32, u64 } from "../../syscalls/struct.ts";

/** Stage 0's own segment: code, records and constants; readable and executable. */
export const STAGE0_ADDRESS = 0x1000_0000;
/** Its memory: the handover, then the state of its Program; readable and writable. */
export const MEMORY_ADDRESS = 0x0f00_0000;

/** A file by the number of its device (the major one in the upper half) and its inode. */
export const OWN_FILE = layout(16, { device: u64(0), inode: u64(8) });

/** How many descriptors are looked at: `--keep-fd` takes those below. */
export const DESCRIPTORS = 1024;

const PATH_MAX = 4096;

/** The fields of the handover, at MEMORY_ADDRESS. */
export const HANDOVER = layout(256 + 8 * DESCRIPTORS + PATH_MAX, {
  /** The address of argc; argv, environment and auxiliary vector follow it. */
  stack: u64(0),
  /** Real, effective and saved ids after stage 0 has given up what it could. */
  uid: u32(8),
  effectiveUid: u32(12),
  savedUid: u32(16),
  gid: u32(20),
  effectiveGid: u32(24),
  savedGid: u32(28),
  /** 1 if a saved root was given up because fs.suid_dumpable would have let the user trace it. */
  traceable: u64(32),
  /** A descriptor of the caller's directory, or a negated errno. */
  directory: u64(40),
  /** Bit n-1 is signal n. */
  ignoredSignals: u64(48),
  blockedSignals: u64(56),
  /** struct rlimit64. */
  fileLimit: bytes(64, 16),
  coreLimit: bytes(80, 16),
  /** The process's name, NUL-terminated. */
  name: bytes(96, 16),
  /** The dumpable attribute at the start: 0, 1 or 2. */
  dumpable: u64(112),
  /** How many of `descriptors` were looked at. */
  descriptorCount: u64(120),
  /** Where the stack that the dynamic linker gets begins. */
  nextStack: u64(128),
  /** The address behind the last variable of the environment: AT_EXECFN. */
  stringsEnd: u64(136),
  /** The length of `directoryPath` with its NUL, or a negated errno. */
  directoryPathSize: u64(144),
  /** 1 if stage 0 has understood the line, and the order table says what it asks for. */
  ordered: u64(152),
  /** The player, and the record of stage 0 from which Bun, too, can have an order played. */
  player: u64(168),
  resume: u64(184),
  /** 1 if it is Bun that plays. */
  byBun: u64(192),
  /** The address of the first record of the ready-made launch that stage 0 has played, or 0. */
  readyMade: u64(160),
  /** For a spawner (src/plan/spawner): the address of the path that a command's directory has inside, or 0. */
  commandDirectory: u64(176),
  /** In a baked file: which file it is itself, as OWN_FILE says; zeros: it does not know. */
  ownFile: bytes(208, OWN_FILE.size),
  /** In a baked file: where its Program stops to have the rest of it unpacked. */
  unpackRest: u64(224),
  /** struct pollfd for each descriptor from 0 on; POLLNVAL in revents: it is closed. */
  descriptors: bytes(256, 8 * DESCRIPTORS),
  /** The path of the caller's directory. */
  directoryPath: bytes(256 + 8 * DESCRIPTORS, PATH_MAX),
});

/** Where the state of stage 0's Program begins. */
export const STATE_ADDRESS = MEMORY_ADDRESS + 0x4000;
/** Where that of a ready-made launch begins. */
export const READY_STATE_ADDRESS = MEMORY_ADDRESS + 0x6_0000;

/** The address of a field of the handover. */
export function handoverAddress(field: keyof typeof HANDOVER.fields): number {
  return MEMORY_ADDRESS + HANDOVER.fields[field].offset;
}

/** The same, as an operand. */
export function handedOver(field: keyof typeof HANDOVER.fields): Shown {
  return shown(handoverAddress(field), `&handover.${field}`);
}

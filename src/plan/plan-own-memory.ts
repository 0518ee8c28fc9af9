/**
 * What of an instance's root lies in our own memory, where missing places are
 * simply made: a table of filesystems, by their device numbers.
 */

import {
  close,
  duplicate,
  makeDirectory,
  removeDirectory,
  statPlace,
} from "../../syscalls/calls/files.ts";
import { filesystemSetReadOnly } from "../../syscalls/calls/mounts.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Operand, Slot } from "../../syscalls/program.ts";
import { STATFS_BUFFER } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";
import type { PlacementState } from "./plan-placement.ts";
import { planTile } from "./plan-tile.ts";
import { asRoot } from "./privilege.ts";

/** Rows of the table: device number, and a descriptor to seal or one of the two below. */
const ROW = 16;
/** 1,000 mounts that a user may ask for, a tile for each, and our own. */
const ROWS = 2048;
/** linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0;
/** It stays writable. */
export const OPEN = -1;
/** What `--scratch` has laid over something: the caller's rights decide whether a place can be made. */
const SCRATCH = -2;
/** Of these at most: the rest is for what is asked for. */
const SCRATCH_ROWS = 512;

export function planTable({ p }: Instance): Data {
  return p.buffer("our own mounts", ROW * ROWS);
}

/** What is missing in the holder, and where it goes on if it is left out. */
interface Missing {
  readonly name: Slot;
  readonly placed: Label;
}

/**
 * `holder` becomes a directory of our own memory with the same entries. A
 * filesystem is told by its device number, which clones of its mounts share.
 */
export function planHolder(
  instance: Instance,
  state: PlacementState,
  { name, placed }: Missing,
): void {
  const { p, scratch } = instance;
  const { holder, table, rows } = state;
  const [row, known] = [p.slot("row"), p.slot("known device")];
  const [own, foreign, done] = [
    p.label("our own memory"),
    p.label("not ours"),
    p.label("holder"),
  ];
  const device = planDeviceNumber(instance, holder);
  set(p, row, 0);
  loop(p, "our own filesystems", (leave) => {
    jumpIf(p, [row, "==", rows], leave);
    load(p, known, 8, [addressOf(table), row]);
    jumpIf(p, [known, "==", device], own);
    compute(p, row, [row, "+", ROW]);
  });
  jump(p, foreign);
  p.place(own);
  if (scratch !== null) {
    compute(p, row, [row, "+", 8]);
    load(p, known, 8, [addressOf(table), row]);
    jumpIf(p, [known, "!=", SCRATCH], done);
    planTrial(instance, holder, { name, no: foreign });
  }
  jump(p, done);
  p.place(foreign);
  planNoProc(instance, state, { name, placed });
  const tile = planTile(instance, holder);
  planRow(instance, state, tile, tile);
  close(p, holder);
  duplicate(p, tile, holder);
  p.place(done);
}

/**
 * A tile is a still picture, and what is in a /proc comes and goes: there the
 * kernel itself says that nothing can be made.
 */
function planNoProc(
  { p }: Instance,
  { holder, optional }: PlacementState,
  { name, placed }: Missing,
): void {
  const answer = p.buffer("statfs", STATFS_BUFFER.size);
  const type = p.slot("filesystem's type");
  p.call("fstatfs", [holder, answer]);
  loadField(p, type, [STATFS_BUFFER, "type"], answer);
  when(p, [type, "==", shown(PROC_SUPER_MAGIC, "PROC_SUPER_MAGIC")], () => {
    jumpIf(p, [optional, "!=", 0], placed);
    makeDirectory(p, [holder, name]);
  });
}

/** Goes on at `no` unless something can be made in the holder, as `--scratch` has it. */
function planTrial(
  { p }: Instance,
  holder: Slot,
  { name, no }: { name: Slot; no: Label },
): void {
  makeDirectory(p, [holder, name], { failure: no });
  removeDirectory(p, [holder, name]);
}

/** Takes note of one of perhaps very many; where one is left out a tile does as well. */
export function planScratchRow(
  instance: Instance,
  state: PlacementState,
  mount: Slot,
): void {
  const { p } = instance;
  const enough = p.label("enough rows");
  jumpIf(p, [ROW * SCRATCH_ROWS - 1, "below", state.rows], enough);
  planRow(instance, state, mount, SCRATCH);
  p.place(enough);
}

/** Major and minor number of the filesystem, as one number. */
function planDeviceNumber({ p, stat }: Instance, place: Slot): Slot {
  const [device, minor] = [p.slot("device number"), p.slot("minor number")];
  statPlace(p, place, {
    buffer: stat,
    fields: { dev_major: device, dev_minor: minor },
  });
  compute(p, device, [device, "<<", 32]);
  compute(p, device, [device, "|", minor]);
  return device;
}

/** Takes note of a filesystem. `seal`: its descriptor if it is made read-only at the end, or OPEN, or SCRATCH. */
export function planRow(
  instance: Instance,
  { table, rows }: PlacementState,
  mount: Slot,
  seal: Operand,
): void {
  const { p } = instance;
  const [at, fine] = [p.slot("row address"), p.label("room for the row")];
  jumpIf(p, [rows, "below", ROW * ROWS], fine);
  p.fail(ERRNO.E2BIG, "too many mounts of our own");
  p.place(fine);
  const device = planDeviceNumber(instance, mount);
  compute(p, at, [addressOf(table), "+", rows]);
  store(p, 8, [at, 0], device);
  store(p, 8, [at, 8], seal);
  compute(p, rows, [rows, "+", ROW]);
}

/** The whole filesystem, since tiles made later hold clones of its mounts. */
export function planSeal(
  instance: Instance,
  { table, rows }: PlacementState,
): void {
  const { p } = instance;
  const [row, mount, at] = [
    p.slot("row to seal"),
    p.slot("mount to seal"),
    p.slot("address of the row"),
  ];
  p.part("make our own directories read-only", () => {
    set(p, row, 0);
    loop(p, "filesystems to seal", (leave, again) => {
      jumpIf(p, [row, "==", rows], leave);
      compute(p, at, [addressOf(table), "+", row]);
      load(p, mount, 8, [at, 8]);
      compute(p, row, [row, "+", ROW]);
      jumpIf(p, [mount, "<", 0], again);
      asRoot(instance, () => filesystemSetReadOnly(p, mount));
    });
  });
}

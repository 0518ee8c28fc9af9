/**
 * The search along PATH passes a baked file over: one that is called as its
 * command is would find itself, and start itself within itself without end. What
 * is then found behind it is told its whole path as its name, or a gcc that looks
 * along PATH for its own directory would find the baked file's.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import { STATX_BUFFER } from "../../syscalls/structs.ts";
import { OWN_FILE } from "../stage0/handover.ts";
import { OWN_FILE_WORD } from "./starter/words.ts";

const FOLLOW = 0 as Flags<"O">;

/** Goes on at `next` if the path leads to the file. */
export function planPassingOver(
  p: ProgramBuilder,
  { argv, path, next }: { argv: Operand; path: Slot; next: Label },
): void {
  const passed = p.slot("a file was passed over");
  const own = OWN_FILE_WORD;
  const [device, inode] = [p.slot("own device"), p.slot("own inode")];
  const other = p.label("another file");
  load(p, inode, 8, [own, OWN_FILE.fields.inode.offset]);
  jumpIf(p, [inode, "==", 0], other);
  load(p, device, 8, [own, OWN_FILE.fields.device.offset]);
  const place = p.slot("candidate's place");
  openPlace(p, [WORKING_DIRECTORY, path], FOLLOW, {
    result: place,
    failure: other,
  });
  const found = planFileNumbers(p, place, other);
  close(p, place);
  jumpIf(p, [found.inode, "!=", inode], other);
  jumpIf(p, [found.device, "!=", device], other);
  set(p, passed, 1);
  jump(p, next);
  p.place(other);
  when(p, [passed, "!=", 0], () => store(p, 8, [argv, 0], path));
}

/** Both numbers of OWN_FILE. */
export function planFileNumbers(
  p: ProgramBuilder,
  place: Slot,
  failure: Label,
): { readonly device: Slot; readonly inode: Slot } {
  const [device, minor, inode] = [
    p.slot("device"),
    p.slot("minor number"),
    p.slot("inode"),
  ];
  const buffer = p.buffer("stat of a file", STATX_BUFFER.size);
  const fields = { dev_major: device, dev_minor: minor, ino: inode };
  statPlace(p, place, { buffer, fields, failure });
  compute(p, device, [device, "<<", 32]);
  compute(p, device, [device, "|", minor]);
  return { device, inode };
}

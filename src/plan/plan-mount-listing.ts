/** The question whether the kernel lists mounts itself: statmount(2) with SB_SOURCE, Linux 6.13. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { STATMOUNT } from "../../syscalls/constants/statmount.table.ts";
import { compute, jumpIf, load, store } from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import {
  MNT_ID_REQ,
  STATMOUNT_BUFFER,
  STATX_BUFFER,
} from "../../syscalls/structs.ts";

const PLACE = 0 as Flags<"O">;
const WANTED = union(STATMOUNT.MNT_POINT, STATMOUNT.SB_SOURCE);

/** What is said where it does not. */
export const UNLISTED = {
  state: "the kernel does not list here what is mounted (statmount)",
  hint: "it does from Linux 6.13 on, but in no chroot, nor where a filter forbids it; selfdock run does without",
} as const;

/** Asks for the root's mount; goes to `no` if the kernel does not answer, or not everything. */
export function planMountListing(p: ProgramBuilder, no: Label): void {
  const [id, mask] = [p.slot("mount id"), p.slot("answered")];
  const root = openPlace(p, [WORKING_DIRECTORY, p.text("/")], PLACE, {
    result: "root",
    failure: no,
  });
  const buffer = p.buffer("stat", STATX_BUFFER.size);
  statPlace(p, root, {
    buffer,
    fields: { mnt_id: id },
    failure: no,
    uniqueMountId: true,
  });
  close(p, root);
  const request = p.buffer(
    "request",
    encodeStruct(MNT_ID_REQ, { size: 24, param: WANTED }),
  );
  const answer = p.buffer("answer", STATMOUNT_BUFFER.size + 4096);
  store(p, 8, [request, MNT_ID_REQ.fields.mnt_id.offset], id);
  p.call("statmount", [request, answer, answer.size, 0], { failure: no });
  load(p, mask, 8, [answer, STATMOUNT_BUFFER.fields.mask.offset]);
  compute(p, mask, [mask, "&", shown(WANTED, "everything asked for")]);
  jumpIf(p, [mask, "!=", shown(WANTED, "everything asked for")], no);
}

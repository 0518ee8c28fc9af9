/** Finds out whether the kernel lists mounts itself, or else lists them from mountinfo. */

import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { ProgramBuilder } from "../../syscalls/builder.ts";
import { openPlace, statPlace } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { STATMOUNT } from "../../syscalls/constants/statmount.table.ts";
import { load, store } from "../../syscalls/control.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { union } from "../../syscalls/flags.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import {
  MNT_ID_REQ,
  STATMOUNT_BUFFER,
  STATX_BUFFER,
} from "../../syscalls/structs.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { bytesFrom, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { coveredPlaces } from "../plan/covered-places.ts";
import type { Request } from "../plan/request.ts";

const PLACE = 0 as Flags<"O">;

/** Null if the kernel can be asked while the root is made: statmount(2) with SB_SOURCE, Linux 6.13. */
export function probeCoveredPlaces(request: Request): readonly Bytes[] | null {
  return kernelListsMounts() ? null : readCoveredPlaces(request.rootfs);
}

function kernelListsMounts(): boolean {
  const p = new ProgramBuilder();
  const [id, mask] = [p.slot("mount id"), p.slot("answered")];
  const no = p.label("no");
  const wanted = union(STATMOUNT.MNT_POINT, STATMOUNT.SB_SOURCE);
  p.part("ask for the root's mount", () => {
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
    p.call("close", [root], { failure: "continue" });
    const request = p.buffer(
      "request",
      encodeStruct(MNT_ID_REQ, { size: 24, param: wanted }),
    );
    const answer = p.buffer("answer", STATMOUNT_BUFFER.size + 4096);
    store(p, 8, [request, MNT_ID_REQ.fields.mnt_id.offset], id);
    p.call("statmount", [request, answer, answer.size, 0], { failure: no });
    load(p, mask, 8, [answer, STATMOUNT_BUFFER.fields.mask.offset]);
    p.place(no);
    p.control("stop", [mask]);
  });
  const run = prepare(p.finish());
  const answered = run.play();
  run.free();
  return (answered & wanted) === wanted;
}

/** Reads mountinfo once. */
function readCoveredPlaces(rootfs: Bytes): readonly Bytes[] {
  const path = Buffer.from(rootfs, "latin1");
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw new SelfdockError(
      "launch",
      `Cannot use ${quote(rootfs)} as the root: it cannot be opened`,
      null,
      cause,
    );
  }
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
    const root = bytesFrom(
      readlinkSync(`/proc/self/fd/${descriptor}`, "buffer"),
    );
    const mount = Number(/^mnt_id:\t(\d+)$/m.exec(info)?.[1]);
    return coveredPlaces(
      readFileSync("/proc/self/mountinfo", "latin1") as Bytes,
      { root, mount },
    );
  } finally {
    closeSync(descriptor);
  }
}

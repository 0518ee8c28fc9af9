/** Finds out whether the kernel lists mounts itself, or else lists them from mountinfo. */

import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { ProgramBuilder } from "../../syscalls/builder.ts";
import { errnoText } from "../../syscalls/errno.table.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { bytesFrom, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { coveredPlaces } from "../plan/covered-places.ts";
import { planMountListing } from "../plan/plan-mount-listing.ts";
import type { Request } from "../plan/request.ts";

/** Null if the kernel can be asked while the root is made. A relative root lies in the directory `at`. */
export function probeCoveredPlaces(
  { rootfs }: Request,
  at: string,
): readonly Bytes[] | null {
  return kernelListsMounts() ? null : readCoveredPlaces(rootfs, at);
}

export function kernelListsMounts(): boolean {
  const p = new ProgramBuilder();
  const no = p.label("no");
  p.faultsTo(no, () =>
    p.part("ask for the root's mount", () => {
      planMountListing(p, no);
      p.control("stop", [1]);
      p.place(no);
      p.control("stop", [0]);
    }),
  );
  const run = prepare(p.finish());
  const answered = run.play();
  run.free();
  return answered === 1;
}

/** A place, whether it can be read or not; node:fs has no name for it. */
const O_PATH = 0o10000000;

/** Reads mountinfo once. */
function readCoveredPlaces(rootfs: Bytes, at: string): readonly Bytes[] {
  const whole = rootfs.startsWith("/") ? rootfs : `${at}/${rootfs}`;
  const path = Buffer.from(whole, "latin1");
  let descriptor: number;
  try {
    descriptor = openSync(path, O_PATH | constants.O_DIRECTORY);
  } catch (cause) {
    throw new SelfdockError(
      "launch",
      `Cannot use ${quote(rootfs)} as the root: ${errnoText(-((cause as NodeJS.ErrnoException).errno ?? 0))}`,
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

/**
 * The state of the caller that every instance gets, as a handover
 * (src/stage0/handover.ts): as stage 0 left it, or as a process has it that
 * stage 0 did not start. What differs from launch to launch is not in it yet.
 */

import { RLIMIT } from "../../../syscalls/constants/process.table.ts";
import { memoryAt } from "../../../syscalls/native.ts";
import { HANDOVER, MEMORY_ADDRESS } from "../../stage0/handover.ts";
import { defineCall } from "../define-call.ts";

/** The bytes of a handover. */
export type KeptState = Uint8Array;

/** What stage 0 has kept: a copy. */
export function readKeptState(): KeptState {
  return memoryAt(MEMORY_ADDRESS, HANDOVER.size).slice();
}

/**
 * Of this very process: its ids and its limit of descriptors. No signal is
 * ignored or blocked by a command that it starts, whatever its runtime does.
 */
export function probeKeptState(): KeptState {
  const kept = new Uint8Array(HANDOVER.size);
  const view = new DataView(kept.buffer);
  const { uid, gid, fileLimit } = HANDOVER.fields;
  view.setUint32(uid.offset, process.getuid!(), true);
  view.setUint32(gid.offset, process.getgid!(), true);
  const limit = defineCall("prlimit64", [
    "number",
    "number",
    "number",
    { buffer: fileLimit.size },
  ]);
  limit(0, RLIMIT.NOFILE, 0);
  kept.set(limit.buffers[0]!, fileLimit.offset);
  return kept;
}

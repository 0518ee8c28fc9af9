/** Signals as stage 0 found them, and as a launcher that goes on waits for them: they stay blocked. */

import { HANDOVER, handoverAddress } from "../stage0/handover.ts";
import { memoryAt } from "../../syscalls/native.ts";

/** The signals that the caller had ignored or blocked: bit n-1 is signal n. */
export function keptSignals(
  field: "ignoredSignals" | "blockedSignals",
): bigint {
  const memory = memoryAt(handoverAddress(field), HANDOVER.fields[field].size);
  return new DataView(memory.buffer).getBigUint64(0, true);
}

export function bitOf(signal: number): bigint {
  return 1n << BigInt(signal - 1);
}

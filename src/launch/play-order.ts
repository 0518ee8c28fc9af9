/**
 * Has stage 0 play a ready-made launch with an order that Bun has read: nothing
 * is planned or encoded, and stage 0's own steps decide on the way, play, and
 * become the supervisor.
 */

import { memoryAt, playerAt } from "../../syscalls/native.ts";
import type { Request } from "../plan/request.ts";
import { HANDOVER, MEMORY_ADDRESS, STATE_ADDRESS } from "../stage0/handover.ts";
import { fillOrder, fitsOrder } from "./fill-order.ts";
import { readReadyMade } from "./read-handover.ts";
import type { Handover } from "./read-handover.ts";

/**
 * Returns only where there is no instance: the address of the launch that was
 * played in vain, or null if none was played.
 */
export function playOrder(request: Request, handover: Handover): number | null {
  if (!fitsOrder(request, handover)) return null;
  fillOrder(request, handover);
  return playFilled();
}

/** The same, once the table is filled. */
export function playFilled(): number | null {
  const memory = memoryAt(MEMORY_ADDRESS, HANDOVER.size);
  const view = new DataView(memory.buffer);
  const address = (field: "player" | "resume") =>
    Number(view.getBigUint64(HANDOVER.fields[field].offset, true));
  view.setBigUint64(HANDOVER.fields.byBun.offset, 1n, true);
  playerAt(address("player"))(address("resume"), STATE_ADDRESS);
  return readReadyMade();
}

/** Stage 0 as the bytes of its segment. */

import { layOut } from "../../syscalls/encode.ts";
import type { Program } from "../../syscalls/program.ts";
import { encodeStandalone } from "../../syscalls/standalone.ts";
import type { Embedded, Placing } from "../../syscalls/standalone.ts";
import {
  handoverAddress,
  MEMORY_ADDRESS,
  READY_STATE_ADDRESS,
  STAGE0_ADDRESS,
  STATE_ADDRESS,
} from "./handover.ts";
import { ORDER_END } from "./order-room.ts";
import { ORDER_ADDRESS } from "./order-table.ts";

/** The bytes of the segment at STAGE0_ADDRESS, whose first is the entry. */
export function encodeStage0(program: Program, embedded: Embedded): Uint8Array {
  return encodeStandalone(program, {
    image: STAGE0_ADDRESS,
    ...placeMemory(program, embedded),
  });
}

/** Where a Program that comes first has its memory. */
export function placeMemory(
  program: Program,
  embedded: Embedded,
): Omit<Placing, "image"> {
  if (STATE_ADDRESS + layOut(program).stateSize > ORDER_ADDRESS)
    throw new RangeError("stage 0's state reaches into the order table");
  if (ORDER_END > READY_STATE_ADDRESS)
    throw new RangeError("the order table reaches into a launch's state");
  if (embedded.memoryEnd > STAGE0_ADDRESS)
    throw new RangeError("a ready-made launch's state reaches into stage 0");
  return {
    memory: MEMORY_ADDRESS,
    state: STATE_ADDRESS,
    stack: handoverAddress("stack"),
    nextStack: handoverAddress("nextStack"),
    player: handoverAddress("player"),
    embedded,
  };
}

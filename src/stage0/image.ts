/** Stage 0 as the bytes of its segment. */

import type { Program } from "../../syscalls/program.ts";
import { encodeStandalone } from "../../syscalls/standalone.ts";
import {
  handoverAddress,
  MEMORY_ADDRESS,
  STAGE0_ADDRESS,
  STATE_ADDRESS,
} from "./handover.ts";

/** The bytes of the segment at STAGE0_ADDRESS, whose first is the entry. */
export function encodeStage0(program: Program): Uint8Array {
  return encodeStandalone(program, {
    image: STAGE0_ADDRESS,
    memory: MEMORY_ADDRESS,
    state: STATE_ADDRESS,
    stack: handoverAddress("stack"),
    nextStack: handoverAddress("nextStack"),
  });
}

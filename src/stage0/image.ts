/** Stage 0 as bytes: entry, player, records, constants, and the state's first content. */

import { assembleEntry } from "../../syscalls/arch/x86_64/entry.ts";
import { encode, layOut } from "../../syscalls/encode.ts";
import type { Program } from "../../syscalls/program.ts";
import {
  handoverAddress,
  MEMORY_ADDRESS,
  STAGE0_ADDRESS,
  STATE_ADDRESS,
} from "./handover.ts";

const PAGE = 4096;
/** The entry and the player take less; the records follow. */
const CODE_SIZE = 2048;

/** The bytes of the segment at STAGE0_ADDRESS, whose first is the entry. */
export function encodeStage0(program: Program): Uint8Array {
  const layout = layOut(program);
  const constant = STAGE0_ADDRESS + CODE_SIZE;
  const constants = new Uint8Array(layout.constantSize);
  const state = new Uint8Array(layout.stateSize);
  encode(
    layout,
    { constant, state: STATE_ADDRESS },
    { constant: constants, state },
  );
  const stateImageSize = state.findLastIndex((byte) => byte !== 0) + 1;
  const code = assembleEntry({
    memory: MEMORY_ADDRESS,
    memorySize: roundUp(
      STATE_ADDRESS - MEMORY_ADDRESS + layout.stateSize,
      PAGE,
    ),
    state: STATE_ADDRESS,
    stateImage: constant + layout.constantSize,
    stateImageSize,
    program: constant,
    stack: handoverAddress("stack"),
    nextStack: handoverAddress("nextStack"),
  });
  if (code.length > CODE_SIZE)
    throw new RangeError(`the entry and the player take ${code.length} bytes`);
  const image = new Uint8Array(
    CODE_SIZE + layout.constantSize + stateImageSize,
  );
  image.set(code);
  image.set(constants, CODE_SIZE);
  image.set(state.subarray(0, stateImageSize), CODE_SIZE + layout.constantSize);
  return image;
}

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}

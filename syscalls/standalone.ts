/**
 * A Program as an image that runs without anything else: entry, player, records,
 * constants, and the state's first content, for a fixed address.
 */

import { assembleEntry } from "./arch/x86_64/entry.ts";
import type { EntryAddresses } from "./arch/x86_64/entry.ts";
import { encode, layOut } from "./encode.ts";
import type { Program } from "./program.ts";

/** Where an image and its memory go: absolute addresses. */
export interface Placing {
  /** The image, readable and executable; its first byte is the entry. */
  readonly image: number;
  /** The memory that the entry maps, readable and writable. */
  readonly memory: number;
  /** Where in the memory the Program's state begins. */
  readonly state: number;
  /** Where the entry leaves the address of argc. */
  readonly stack: number;
  /** Where the Program leaves the address of the stack with which it stops. */
  readonly nextStack: number;
  /** Where the entry leaves the address of the player, if anybody else shall call it. */
  readonly player?: number;
  /** Other Programs that the Program plays; none if this is left out. */
  readonly embedded?: Embedded;
}

/** What the image holds before the Program's own. */
export interface Embedded {
  readonly bytes: Uint8Array;
  /** The address behind all the memory that it takes. */
  readonly memoryEnd: number;
}

/** A Program as it is played, and what the entry must know of it. */
export interface Content {
  /** What is embedded, the records, the constants, and the state's first content. */
  readonly bytes: Uint8Array;
  readonly entry: Omit<EntryAddresses, "packing">;
}

const PAGE = 4096;
/** The entry and the player take less. */
const CODE_SIZE = 2048;
export const EMBEDDED_OFFSET = CODE_SIZE;

/** Lays the Program out as one row of bytes. */
export function encodeStandalone(
  program: Program,
  placing: Placing,
): Uint8Array {
  const address = placing.image + CODE_SIZE;
  const { bytes: content, entry } = encodeContent(program, placing, address);
  const code = assembleEntry({ ...entry, packing: null });
  if (code.length > CODE_SIZE)
    throw new RangeError(`the entry and the player take ${code.length} bytes`);
  const bytes = new Uint8Array(CODE_SIZE + content.length);
  bytes.set(code);
  bytes.set(content, CODE_SIZE);
  return bytes;
}

/** What is behind the code, for its address. */
export function encodeContent(
  program: Program,
  { memory, state, stack, nextStack, player, embedded }: Omit<Placing, "image">,
  address: number,
): Content {
  const layout = layOut(program);
  const offset = embedded?.bytes.length ?? 0;
  const constant = address + offset;
  const constants = new Uint8Array(layout.constantSize);
  const first = new Uint8Array(layout.stateSize);
  encode(layout, { constant, state }, { constant: constants, state: first });
  const stateImageSize = first.findLastIndex((byte) => byte !== 0) + 1;
  const memoryEnd = Math.max(
    state + layout.stateSize,
    embedded?.memoryEnd ?? 0,
  );
  const bytes = new Uint8Array(offset + layout.constantSize + stateImageSize);
  if (embedded !== undefined) bytes.set(embedded.bytes);
  bytes.set(constants, offset);
  const stateImage = first.subarray(0, stateImageSize);
  bytes.set(stateImage, offset + layout.constantSize);
  return {
    bytes,
    entry: {
      memory,
      memorySize: Math.ceil((memoryEnd - memory) / PAGE) * PAGE,
      state,
      stateImage: constant + layout.constantSize,
      stateImageSize,
      program: constant,
      stack,
      nextStack,
      player: player ?? null,
    },
  };
}

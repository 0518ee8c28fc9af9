/**
 * Programs in memory: laid out, encoded, played, and what they have left. What a
 * Program does is decided elsewhere; nothing here is policy.
 */

import { assemblePlayer } from "./arch/x86_64/player.ts";
import { MAP, PROT } from "./constants/memory.table.ts";
import { encode, layOut, stateOffset } from "./encode.ts";
import type { Bases, Layout } from "./encode.ts";
import { union } from "./flags.ts";
import type { Data, Program, Slot, Step } from "./program.ts";
import { libcFunctions, memoryAt, playerAt, TYPE } from "./native.ts";
import { RECORD, STATE } from "./record.ts";

const PAGE = 4096;

const { i32, u32, i64, u64 } = TYPE;

function linkLibc() {
  return libcFunctions({
    mmap: { args: [u64, u64, i32, i32, i32, i64], returns: u64 },
    mprotect: { args: [u64, u64, i32], returns: i32 },
    munmap: { args: [u64, u64], returns: i32 },
    setresuid: { args: [u32, u32, u32], returns: i32 },
  });
}

let linked: ReturnType<typeof linkLibc> | null = null;

/** Most launches need nothing of it. */
function libc(): ReturnType<typeof linkLibc> {
  linked ??= linkLibc();
  return linked;
}

/** A failed step of a run. */
export interface Fault {
  readonly step: Step;
  /** A positive errno. */
  readonly errno: number;
}

/** What a Program that was played has left in memory. */
export interface Played {
  /** The value of a slot after the run. */
  read(slot: Slot): number;
  /** The content of a buffer after the run, in place. */
  view(buffer: Data): Uint8Array;
  /** The step that ended the run, if one failed. */
  fault(): Fault | null;
}

/** A Program in memory, ready to be played. */
export interface Run extends Played {
  /** Performs the Program from its first step to a `stop`, whose value it returns. */
  play(): number;
  /** Gives the memory back. */
  free(): void;
}

/** Sets the real, effective and saved user id of every thread, as only libc can. False if the kernel refuses. */
export function setAllUsersOfAllThreads(uid: number): boolean {
  return libc().setresuid(uid, uid, uid) === 0;
}

/** Zeroed pages that can be read and written. Throws RangeError where the kernel has none. */
function mapPages(size: number): number {
  const flags = union(MAP.PRIVATE, MAP.ANONYMOUS);
  const address = Number(
    libc().mmap(0, size, union(PROT.READ, PROT.WRITE), flags, -1, 0),
  );
  if (!Number.isSafeInteger(address) || address <= 0)
    throw new RangeError(`no memory for ${size} bytes`);
  return address;
}

/** A file's content as memory that whoever else maps it sees too. Throws RangeError where the kernel refuses. */
export function mapShared(
  descriptor: number,
  size: number,
): { readonly bytes: Uint8Array; readonly unmap: () => void } {
  const access = union(PROT.READ, PROT.WRITE);
  const address = Number(
    libc().mmap(0, size, access, MAP.SHARED, descriptor, 0),
  );
  if (!Number.isSafeInteger(address) || address <= 0)
    throw new RangeError(`no memory for ${size} bytes of a file`);
  return {
    bytes: memoryAt(address, size),
    unmap: () => void libc().munmap(address, size),
  };
}

/** The player in executable memory that is never writable at the same time. */
function loadPlayer(): (first: number, state: number) => number {
  if (process.arch !== "x64")
    throw new RangeError(
      `Cannot load selfdock: its machine code is for x86-64, and this is ${process.arch}`,
    );
  const code = assemblePlayer();
  const address = mapPages(PAGE);
  memoryAt(address, PAGE).set(code);
  if (libc().mprotect(address, PAGE, union(PROT.READ, PROT.EXEC)) !== 0)
    throw new RangeError("the kernel refuses executable memory");
  return playerAt(address);
}

let player: ((first: number, state: number) => number) | null = null;

/** Lays a Program out in memory. */
export function prepare(program: Program): Run {
  player ??= loadPlayer();
  const play = player;
  const layout = layOut(program);
  const size = layout.constantSize + layout.stateSize;
  const constant = mapPages(size);
  const state = constant + layout.constantSize;
  const memory = memoryAt(constant, size);
  const stateBytes = memory.subarray(layout.constantSize);
  encode(
    layout,
    { constant, state },
    { constant: memory.subarray(0, layout.constantSize), state: stateBytes },
  );
  return {
    ...readPlayed(layout, { constant, state }),
    play: () => play(constant, state),
    free: () => void libc().munmap(constant, size),
  };
}

/** The state of a Program that lies at these addresses. */
export function readPlayed(layout: Layout, { constant, state }: Bases): Played {
  return readState(layout, constant, memoryAt(state, layout.stateSize));
}

/** A copy of the state, or of its head, of a Program whose constants lay at that address. */
export function readState(
  layout: Layout,
  constant: number,
  stateBytes: Uint8Array,
): Played {
  const words = new DataView(stateBytes.buffer, stateBytes.byteOffset);
  return {
    read: (slot) => Number(words.getBigInt64(stateOffset(layout, slot), true)),
    view: (buffer) =>
      stateBytes.subarray(
        stateOffset(layout, buffer),
        stateOffset(layout, buffer) + buffer.size,
      ),
    fault: () => {
      const record = Number(words.getBigUint64(STATE.faultRecord, true));
      if (record === 0) return null;
      const { steps } = layout.program;
      const step = steps[(record - constant) / RECORD.size]!;
      return {
        step,
        errno: -Number(words.getBigInt64(STATE.faultResult, true)),
      };
    },
  };
}

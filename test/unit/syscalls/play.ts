/** Plays a Program in the real player and reads exactly what it left. */

import { layOut, stateOffset } from "../../../syscalls/encode.ts";
import { prepare } from "../../../syscalls/ffi.ts";
import { ProgramBuilder } from "../../../syscalls/builder.ts";
import type { Data, Program, Slot } from "../../../syscalls/program.ts";
import type { Fault } from "../../../syscalls/ffi.ts";

/** What a run left. `Run.read` rounds numbers above 2^53; these are exact. */
export interface Played {
  readonly value: number;
  readonly slots: ReadonlyMap<Slot, bigint>;
  readonly buffers: ReadonlyMap<Data, Uint8Array>;
  readonly fault: Fault | null;
}

export function play(program: Program): Played {
  const layout = layOut(program);
  const run = prepare(program);
  try {
    const value = run.play();
    const buffers = program.data.filter(({ writable }) => writable);
    return {
      value,
      slots: new Map(
        program.slots.map((slot) => [slot, readExactly(slot)] as const),
      ),
      buffers: new Map(
        buffers.map((data) => [data, run.view(data).slice()] as const),
      ),
      fault: run.fault(),
    };
  } finally {
    run.free();
  }

  /** A slot of one byte range seen as a buffer: the state is one piece of memory. */
  function readExactly(slot: Slot): bigint {
    const [data] = layout.buffers.keys();
    if (data === undefined) return BigInt(run.read(slot));
    const view = run.view(data);
    const state = view.byteOffset - stateOffset(layout, data);
    const words = new DataView(view.buffer, state);
    return words.getBigInt64(stateOffset(layout, slot), true);
  }
}

/** Builds and plays a small Program of one part, whose faults end it with 99. */
export function playParts<T>(write: (p: ProgramBuilder) => T): Played & {
  readonly program: Program;
  readonly made: T;
} {
  const p = new ProgramBuilder();
  const failed = p.label("failed");
  const made = p.part("a test", () => {
    const it = p.faultsTo(failed, () => write(p));
    p.control("stop", [1]);
    p.place(failed);
    p.control("stop", [99]);
    return it;
  });
  const program = p.finish();
  return { ...play(program), program, made };
}

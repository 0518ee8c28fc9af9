/**
 * Runs a classic BPF filter as the kernel would, for tests: the operations
 * that the assembler writes and no others, so that a filter which the kernel
 * would reject throws here.
 */

import { encodeStruct, sizeOf } from "../../../syscalls/struct.ts";
import { SECCOMP_DATA, SOCK_FILTER } from "../../../syscalls/structs.ts";

/** A system call as a filter sees it. */
export interface Call {
  readonly arch: number;
  readonly nr: number;
  /** The second argument, all 64 bits. */
  readonly arg1?: bigint;
}

export interface Verdict {
  readonly value: number;
  /** How many instructions ran. */
  readonly steps: number;
  /** The filter looked at nothing but `nr` and `arch`. */
  readonly constant: boolean;
}

const LOAD = 0x20;
const RETURN = 0x06;
const COMPARE: Readonly<Record<number, (a: number, k: number) => boolean>> = {
  0x15: (a, k) => a === k,
  0x25: (a, k) => a > k,
  0x35: (a, k) => a >= k,
};

export function interpretFilter(filter: Uint8Array, call: Call): Verdict {
  const data = view(
    encodeStruct(SECCOMP_DATA, { ...call, arg1: call.arg1 ?? 0n }),
  );
  const code = view(filter);
  let accumulator = 0;
  let constant = true;
  for (let place = 0, steps = 1; ; place++, steps++) {
    const at = place * sizeOf(SOCK_FILTER);
    const operation = code.getUint16(at, true);
    const k = code.getUint32(at + 4, true);
    if (operation === RETURN) return { value: k, steps, constant };
    if (operation === LOAD) {
      if (k % 4 !== 0)
        throw new RangeError(`Cannot load offset ${k}: not a multiple of 4`);
      accumulator = data.getUint32(k, true);
      constant &&= k < 8;
      continue;
    }
    const compare = COMPARE[operation];
    if (compare === undefined)
      throw new RangeError(`Cannot run operation ${operation}: unknown`);
    place += code.getUint8(at + (compare(accumulator, k) ? 2 : 3));
  }
}

function view(memory: Uint8Array): DataView {
  return new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
}

/**
 * A system call for JavaScript: a Program of one step that is prepared once and
 * played for each use.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import type { SyscallName } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { load } from "../../syscalls/control.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Bytes } from "../plan/bytes.ts";

/** What a call takes: a number, a NUL-terminated text, or bytes of a fixed size that both sides see. */
type Kind = "number" | "text" | { readonly buffer: number };

/** Its result, a negated errno if it failed. */
export interface Call {
  /** Arguments for the kinds that are no buffers, in order. */
  (...values: readonly (number | Bytes)[]): number;
  /** The n-th buffer. */
  readonly buffers: readonly Uint8Array[];
}

/** PATH_MAX, and room for a long link. */
const TEXT = 8192;
/** -ENAMETOOLONG */
export const TOO_LONG = -36;
const WORD = 2 ** 32;

/** Makes the Program of a call. */
export function defineCall(name: SyscallName, kinds: readonly Kind[]): Call {
  const p = new ProgramBuilder();
  const numbers = p.buffer("numbers", 8 * kinds.length);
  const data = kinds.map((kind) =>
    kind === "number"
      ? null
      : p.buffer("bytes", kind === "text" ? TEXT : kind.buffer),
  );
  p.part("call the kernel", () => {
    const operands = data.map((bytes, at) => {
      if (bytes !== null) return bytes;
      const slot = p.slot(`argument ${at}`);
      load(p, slot, 8, [addressOf(numbers), 8 * at]);
      return slot;
    });
    const options = { result: "result", failure: "continue" } as const;
    p.control("stop", [p.call(name, operands, options)]);
  });
  const run = prepare(p.finish());
  const bytes = run.view(numbers);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const given = kinds.flatMap((kind, at) =>
    typeof kind === "object"
      ? []
      : [
          {
            at: 8 * at,
            text: kind === "text" ? textAt(run.view(data[at]!)) : null,
          },
        ],
  );
  const call = (...values: readonly (number | Bytes)[]): number => {
    for (const [index, { at, text }] of given.entries()) {
      const value = values[index]!;
      if (typeof value === "number") {
        view.setUint32(at, value >>> 0, true);
        view.setInt32(at + 4, Math.floor(value / WORD), true);
      } else if (value.length >= TEXT || text === null) return TOO_LONG;
      else text[text.write(value, "latin1")] = 0;
    }
    return run.play();
  };
  const buffers = kinds.flatMap((kind, at) =>
    typeof kind === "object" ? [run.view(data[at]!)] : [],
  );
  return Object.assign(call, { buffers });
}

/** The same memory, to write text to. */
export function textAt(memory: Uint8Array): Buffer {
  return Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
}

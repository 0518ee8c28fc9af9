/** Lines as a program finds them on its stack, and stage 0's reading of them. */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { MAP, PROT } from "../../../syscalls/constants/memory.table.ts";
import { prepare } from "../../../syscalls/ffi.ts";
import type { Run } from "../../../syscalls/ffi.ts";
import { addressOfView, memoryAt } from "../../../syscalls/native.ts";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { HANDOVER, MEMORY_ADDRESS } from "../../../src/stage0/handover.ts";
import { ORDER_END } from "../../../src/stage0/order-room.ts";
import { planLine } from "../../../src/stage0/plan-line.ts";
import { planVectors } from "../../../src/stage0/plan-vectors.ts";

export interface Line {
  /** Without the program's name. */
  readonly words: readonly Bytes[];
  readonly environment: readonly Bytes[];
  readonly directory: Bytes;
}

/** A stack with the line on it. */
export interface Stack {
  readonly argv: readonly Bytes[];
  /** The address of argc. */
  readonly address: number;
  readonly variableAddress: (index: number) => number;
}

/** The last stack: not collected as long as somebody may look at it by its address. */
let held: readonly (Uint8Array | BigUint64Array)[] = [];

/** Whatever follows the last word on a stack: AT_EXECFN's, and a NULL. */
const BEHIND = "/some/program\0\0\0\0\0\0\0\0\0";

export function layStack({ words, environment }: Line): Stack {
  const argv = ["selfdock" as Bytes, ...words];
  const texts = Buffer.from(
    [...argv, ...environment, BEHIND].join("\0"),
    "latin1",
  );
  let at = addressOfView(texts);
  const pointers = [...argv, ...environment].map((text) => {
    const own = at;
    at += text.length + 1;
    return own;
  });
  const vector = BigUint64Array.from(
    [
      argv.length,
      ...pointers.slice(0, argv.length),
      0,
      ...pointers.slice(argv.length),
      0,
      0,
      0,
    ],
    BigInt,
  );
  held = [texts, vector];
  return {
    argv,
    address: addressOfView(held[1]!),
    variableAddress: (index) => pointers[argv.length + index]!,
  };
}

/** Stage 0's memory at its own address, in this process. */
export function mapStage0(): void {
  const p = new ProgramBuilder();
  const address = p.slot("address");
  p.part("map stage 0's memory", () => {
    const flags = MAP.PRIVATE | MAP.ANONYMOUS | MAP.FIXED_NOREPLACE;
    const access = PROT.READ | PROT.WRITE;
    const size = ORDER_END - MEMORY_ADDRESS;
    p.call("mmap", [MEMORY_ADDRESS, size, access, flags, -1, 0], {
      result: address,
      failure: "continue",
    });
    p.control("stop", [address]);
  });
  const run = prepare(p.finish());
  if (run.play() !== MEMORY_ADDRESS)
    throw new RangeError("stage 0's memory is taken");
  run.free();
}

const READER = (() => {
  const p = new ProgramBuilder();
  const vectors = planVectors(p);
  const { here } = planLine(p, vectors);
  p.part("end", () => p.control("stop", [0]));
  return { program: p.finish(), here };
})();

/** The last reading: its Program's own texts are pointed at by the table. */
let last: Run | null = null;

/** Has stage 0 read it, in the real player: null if it leaves the line to Bun. */
export function readLine({
  address,
}: Stack): { readonly here: boolean } | null {
  const memory = memoryAt(MEMORY_ADDRESS, ORDER_END - MEMORY_ADDRESS);
  memory.fill(0);
  const view = new DataView(memory.buffer);
  const { stack, ordered } = HANDOVER.fields;
  view.setBigUint64(stack.offset, BigInt(address), true);
  last?.free();
  last = prepare(READER.program);
  last.play();
  if (view.getBigUint64(ordered.offset, true) === 0n) return null;
  return { here: last.read(READER.here) !== 0 };
}

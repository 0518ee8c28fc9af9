/** Reads what stage 0 left: the caller's arguments, environment and state, byte for byte. */

import { memoryAt } from "../../syscalls/native.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import { POLLFD } from "../../syscalls/pollfd.ts";
import { bytesFrom } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { HANDOVER, MEMORY_ADDRESS } from "../stage0/handover.ts";

/** The process's beginning. */
export interface Handover {
  readonly uid: number;
  readonly savedUid: number;
  readonly gid: number;
  /** Whether a saved root was given up because the user could have traced the process. */
  readonly traceable: boolean;
  readonly argv: readonly Bytes[];
  /** The address of the array of pointers. */
  readonly argvAddress: number;
  readonly environment: readonly Bytes[];
  readonly variableAddress: (index: number) => number;
  readonly directory: Bytes | null;
  /** Of the same; negative if it cannot be opened. This process itself is at `/`. */
  readonly directoryDescriptor: number;
  /** The process's name, at most 15 bytes. */
  readonly name: Bytes;
  /** The address of the ready-made launch that stage 0 has played in vain, or null. */
  readonly readyMade: number | null;
  /** Whether the caller had handed this descriptor over; false for those that were not looked at. */
  readonly inherited: (descriptor: number) => boolean;
}

type Field = keyof typeof HANDOVER.fields;

export function readHandover(): Handover {
  const memory = memoryAt(MEMORY_ADDRESS, HANDOVER.size);
  const view = new DataView(memory.buffer);
  const u32 = (field: Field) =>
    view.getUint32(HANDOVER.fields[field].offset, true);
  const u64 = (field: Field) =>
    view.getBigUint64(HANDOVER.fields[field].offset, true);
  const i64 = (field: Field) =>
    Number(view.getBigInt64(HANDOVER.fields[field].offset, true));
  const text = (field: Field, size: number) => {
    const { offset } = HANDOVER.fields[field];
    return bytesFrom(memory.subarray(offset, offset + size));
  };
  const vectors = readVectors(Number(u64("stack")), Number(u64("stringsEnd")));
  return {
    uid: u32("uid"),
    savedUid: u32("savedUid"),
    gid: u32("gid"),
    traceable: u64("traceable") !== 0n,
    ...vectors,
    // Most launches ask for none of these.
    get environment() {
      return vectors.environment();
    },
    get directory() {
      const length = Math.max(0, i64("directoryPathSize") - 1);
      return readDirectory(text("directoryPath", length));
    },
    get name() {
      return text("name", 16).split("\0")[0] as Bytes;
    },
    directoryDescriptor: i64("directory"),
    readyMade: readReadyMade(),
    inherited: (descriptor) => {
      if (descriptor < 0 || descriptor >= i64("descriptorCount")) return false;
      const { offset } = HANDOVER.fields.descriptors;
      const revents =
        offset + POLLFD.size * descriptor + POLLFD.fields.revents.offset;
      return (view.getUint16(revents, true) & POLL.NVAL) === 0;
    },
  };
}

/** The address of the ready-made launch that was played last, or null. */
export function readReadyMade(): number | null {
  const { offset } = HANDOVER.fields.readyMade;
  const view = new DataView(memoryAt(MEMORY_ADDRESS, HANDOVER.size).buffer);
  return Number(view.getBigUint64(offset, true)) || null;
}

/** A directory outside of the process's root has no path here: getcwd(2) says "(unreachable)". */
function readDirectory(path: Bytes): Bytes | null {
  return path.startsWith("/") ? path : null;
}

/** argc, argv and environment as the kernel laid them on the stack, below their strings. */
function readVectors(
  stack: number,
  end: number,
): Pick<Handover, "argv" | "argvAddress" | "variableAddress"> & {
  environment(): readonly Bytes[];
} {
  const memory = memoryAt(stack, end - stack);
  const view = new DataView(memory.buffer);
  const pointer = (at: number) => Number(view.getBigUint64(at, true));
  const strings = (at: number): Bytes[] => {
    const found: Bytes[] = [];
    for (let next = at; pointer(next) !== 0; next += 8) {
      const start = pointer(next) - stack;
      found.push(bytesFrom(memory.subarray(start, memory.indexOf(0, start))));
    }
    return found;
  };
  const argv = strings(8);
  const environmentAt = 8 + 8 * (argv.length + 1);
  let environment: readonly Bytes[] | null = null;
  return {
    argv,
    argvAddress: stack + 8,
    environment: () => {
      environment ??= strings(environmentAt);
      return environment;
    },
    variableAddress: (index) => pointer(environmentAt + 8 * index),
  };
}

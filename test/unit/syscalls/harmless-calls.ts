/** System calls that change nothing of this process, and what each gives. */

import type { SyscallName } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Data, Operand } from "../../../syscalls/program.ts";
import type { Kernel } from "./model.ts";

/** A call; where it writes, it writes into the buffer, of at least 64 bytes. */
interface Harmless {
  readonly operation: SyscallName;
  readonly operands: (into: Data) => readonly Operand[];
}

const NO_DESCRIPTOR = -1;
const uid = BigInt(process.getuid!());

export const HARMLESS: readonly Harmless[] = [
  { operation: "getpid", operands: () => [] },
  { operation: "getuid", operands: () => [] },
  { operation: "close", operands: () => [NO_DESCRIPTOR] },
  { operation: "dup", operands: () => [NO_DESCRIPTOR] },
  { operation: "lseek", operands: () => [NO_DESCRIPTOR, 2n ** 40n, 1] },
  { operation: "madvise", operands: () => [1, 1, 0] },
  {
    operation: "getresuid",
    operands: (into) => [into, addressOf(into, 4), addressOf(into, 8)],
  },
  // The fifth is no descriptor; an odd offset, the sixth, is found first.
  { operation: "mmap", operands: () => [0, 4096, 1, 2, NO_DESCRIPTOR, 0] },
  { operation: "mmap", operands: () => [0, 4096, 1, 2, NO_DESCRIPTOR, 1] },
];

const RESULT: Partial<Record<SyscallName, bigint>> = {
  getpid: BigInt(process.pid),
  getuid: uid,
  close: BigInt(-ERRNO.EBADF),
  dup: BigInt(-ERRNO.EBADF),
  lseek: BigInt(-ERRNO.EBADF),
  madvise: BigInt(-ERRNO.EINVAL),
  mmap: BigInt(-ERRNO.EBADF),
  getresuid: 0n,
};

/** These calls in the model. */
export const harmlessKernel: Kernel = ({ operation }, operands, memory) => {
  const result = RESULT[operation as SyscallName];
  if (result === undefined)
    throw new RangeError(`the model has no call ${operation}`);
  if (operation === "getresuid")
    for (const address of operands) memory.write(address, 4, uid);
  if (operation === "mmap" && operands[5] === 1n) return BigInt(-ERRNO.EINVAL);
  return result;
};

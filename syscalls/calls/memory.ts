/** Mapping memory: mmap(2). */

import type { ProgramBuilder } from "../builder.ts";
import { MAP, PROT } from "../constants/memory.table.ts";
import { union } from "../flags.ts";
import type { Operand, Slot } from "../program.ts";
import { shown } from "../program.ts";
import { flag } from "./operands.ts";

/** The file from its beginning at this address, as others see it too. */
export function mapFile(
  p: ProgramBuilder,
  [address, size]: readonly [Operand, Operand],
  { file, writable }: { file: Operand; writable: boolean },
): void {
  const access = writable ? union(PROT.READ, PROT.WRITE) : PROT.READ;
  const how = flag("MAP", union(MAP.SHARED, MAP.FIXED_NOREPLACE));
  p.call("mmap", [address, size, flag("PROT", access), how, file, 0]);
}

/** Zeros at this address, whatever was there. */
export function mapZeros(
  p: ProgramBuilder,
  [address, size]: readonly [Operand, Operand],
): void {
  const access = flag("PROT", union(PROT.READ, PROT.WRITE));
  const how = flag("MAP", union(MAP.PRIVATE, MAP.ANONYMOUS, MAP.FIXED));
  p.call("mmap", [address, size, access, how, shown(-1, "-1"), 0]);
}

/**
 * Room for so many bytes wherever there is some; what is never written takes no
 * memory, and counts neither as data (RLIMIT_DATA) nor, unless the host is
 * strict, as promised (vm.overcommit_memory).
 */
export function mapFreely(
  p: ProgramBuilder,
  size: Operand,
  result: Slot,
): void {
  const access = flag("PROT", union(PROT.READ, PROT.WRITE));
  const how = flag("MAP", union(MAP.SHARED, MAP.ANONYMOUS, MAP.NORESERVE));
  p.call("mmap", [0, size, access, how, shown(-1, "-1"), 0], { result });
}

/** Gives it back; where that fails it stays until the process ends. */
export function unmap(
  p: ProgramBuilder,
  [address, size]: readonly [Operand, Operand],
): void {
  p.call("munmap", [address, size], { failure: "continue" });
}

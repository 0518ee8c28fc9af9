/** How a test tells the variant with the seam what to break, and what that is. */

import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { RECORD } from "../../../syscalls/record.ts";

export const BREAK_VARIABLE = "SELFDOCK_BREAK_STEP";

/** With these bits no kernel has a call of the number: it fails with ENOSYS as any call fails. */
const NO_SUCH_CALL = 0x3fff_0000;

/** The status with which a process ends at a step that was to be reached. */
const REACHED_STATUS = 77;

/** The Program that the launcher plays, that of the starter at pid 1, or what plays both in a baked file. */
export type ProgramName = "launch" | "starter" | "frame";

/** Of a batch also that of a spawner, and that which starts one. */
export type BatchProgramName = ProgramName | "spawner" | "spawner's start";

export interface Break<Name extends BatchProgramName = ProgramName> {
  /** `fail`: the call fails with ENOSYS. `reach`: who comes to it ends there. */
  readonly how: "fail" | "reach";
  readonly program: Name;
  readonly number: number;
}

export function renderBreak({
  how,
  program,
  number,
}: Break<BatchProgramName>): string {
  return `${how}:${program}:${number}`;
}

export function parseBreak(text: string): Break<BatchProgramName> {
  const [how, program, number] = text.split(":");
  return { how, program, number: Number(number) } as Break<BatchProgramName>;
}

/** Changes the record at the beginning of these bytes. */
export function breakRecord(record: Uint8Array, how: Break["how"]): void {
  const view = new DataView(record.buffer, record.byteOffset, RECORD.size);
  if (how === "fail") {
    const call = view.getUint32(RECORD.operation, true);
    view.setUint32(RECORD.operation, call | NO_SUCH_CALL, true);
    return;
  }
  view.setUint32(RECORD.operation, SYSCALL.exit_group, true);
  view.setUint32(RECORD.flags, 0, true);
  view.setBigUint64(RECORD.argument, BigInt(REACHED_STATUS), true);
}

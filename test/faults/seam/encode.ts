/**
 * The seam: what the variant for tests has in the place of syscalls/encode.ts.
 * It encodes as that does, and then breaks the one record that the caller's
 * variable names. The shipped program holds nothing of it (seam.test.ts).
 */

import { readHandover } from "../../../src/launch/read-handover.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { encode as encodeWhole } from "../../../syscalls/encode.ts";
import type { Program } from "../../../syscalls/program.ts";
import { RECORD } from "../../../syscalls/record.ts";
import { BREAK_VARIABLE, parseBreak, REACHED_STATUS } from "./break.ts";
import type { Break, ProgramName } from "./break.ts";

export { layOut, stateOffset } from "../../../syscalls/encode.ts";

/** No kernel has a call of this number: it fails with ENOSYS as any call fails. */
const NO_SUCH_CALL = 0x3fff_ffff;

export const encode: typeof encodeWhole = (layout, bases, into) => {
  encodeWhole(layout, bases, into);
  const name = nameOf(layout.program);
  const wanted = readBreak();
  if (name !== null && name === wanted?.program)
    breakRecord(into.constant, wanted);
};

/** The Programs of an instance, told by a call that only one of them makes. */
function nameOf({ steps }: Program): ProgramName | null {
  const has = (call: string) =>
    steps.some(({ operation }) => operation === call);
  if (has("open_tree")) return "launch";
  return has("faccessat") ? "starter" : null;
}

function readBreak(): Break | null {
  const start = `${BREAK_VARIABLE}=`;
  const { environment } = readHandover();
  const entry = environment.find((each) => each.startsWith(start));
  return entry === undefined ? null : parseBreak(entry.slice(start.length));
}

function breakRecord(records: Uint8Array, { how, number }: Break): void {
  const view = new DataView(
    records.buffer,
    records.byteOffset + number * RECORD.size,
    RECORD.size,
  );
  if (how === "fail") {
    view.setUint32(RECORD.operation, NO_SUCH_CALL, true);
    return;
  }
  view.setUint32(RECORD.operation, SYSCALL.exit_group, true);
  view.setUint32(RECORD.flags, 0, true);
  view.setBigUint64(RECORD.argument, BigInt(REACHED_STATUS), true);
}

/**
 * The seam: what the variant for tests has in the place of syscalls/encode.ts.
 * It encodes as that does, and then breaks the one record that the caller's
 * variable names. The shipped program holds nothing of it (seam.test.ts).
 */

import { readHandover } from "../../../src/launch/read-handover.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { encode as encodeWhole } from "../../../syscalls/encode.ts";
import { RECORD } from "../../../syscalls/record.ts";
import { BREAK_VARIABLE, REACHED_STATUS, type Break } from "./break.ts";

export { layOut, stateOffset } from "../../../syscalls/encode.ts";

/** No kernel has a call of this number: it fails with ENOSYS as any call fails. */
const NO_SUCH_CALL = 0x3fff_ffff;

export const encode: typeof encodeWhole = (layout, bases, into) => {
  encodeWhole(layout, bases, into);
  const { steps } = layout.program;
  if (!steps.some(({ operation }) => operation === "clone3")) return;
  const wanted = readBreak();
  if (wanted !== null) breakRecord(into.constant, wanted);
};

function readBreak(): Break | null {
  const { environment } = readHandover();
  const text = environment.find((entry) => entry.startsWith(BREAK_VARIABLE));
  if (text === undefined) return null;
  const [how, step] = text.slice(BREAK_VARIABLE.length).split(":");
  return { how: how as Break["how"], step: Number(step) };
}

function breakRecord(records: Uint8Array, { how, step }: Break): void {
  const view = new DataView(
    records.buffer,
    records.byteOffset + step * RECORD.size,
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

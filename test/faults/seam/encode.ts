/**
 * The seam: what the variant for tests has in the place of syscalls/encode.ts.
 * It encodes as that does, and then breaks the one record that the caller's
 * variable names. The shipped program holds nothing of it (seam.test.ts).
 */

import { readHandover } from "../../../src/launch/read-handover.ts";
import { encode as encodeWhole } from "../../../syscalls/encode.ts";
import type { Program } from "../../../syscalls/program.ts";
import { RECORD } from "../../../syscalls/record.ts";
import { BREAK_VARIABLE, breakRecord, parseBreak } from "./break.ts";
import type { BatchProgramName, Break } from "./break.ts";

export { layOut, stateOffset } from "../../../syscalls/encode.ts";

export const encode: typeof encodeWhole = (layout, bases, into) => {
  encodeWhole(layout, bases, into);
  const name = nameOf(layout.program);
  const wanted = readBreak();
  if (name !== null && name === wanted?.program)
    breakRecord(
      into.constant.subarray(wanted.number * RECORD.size),
      wanted.how,
    );
};

/** The Programs of an instance, told by a call that only one of them makes. */
function nameOf({ steps }: Program): BatchProgramName | null {
  const has = (call: string) =>
    steps.some(({ operation }) => operation === call);
  if (has("open_tree") || has("setns")) return "launch";
  if (has("recvmsg")) return "spawner";
  if (has("socketpair")) return "spawner's start";
  return has("faccessat") ? "starter" : null;
}

function readBreak(): Break<BatchProgramName> | null {
  const start = `${BREAK_VARIABLE}=`;
  const { environment } = readHandover();
  const entry = environment.find((each) => each.startsWith(start));
  return entry === undefined ? null : parseBreak(entry.slice(start.length));
}

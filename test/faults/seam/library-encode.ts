/** The seam of the library's variant: it breaks the record of a launch that the program under test names. */

import { encode as encodeWhole } from "../../../syscalls/encode.ts";
import { RECORD } from "../../../syscalls/record.ts";
import { breakRecord } from "./break.ts";

export { layOut, stateOffset } from "../../../syscalls/encode.ts";

export const encode: typeof encodeWhole = (layout, bases, into) => {
  encodeWhole(layout, bases, into);
  const { brokenStep } = globalThis as { brokenStep?: number };
  const { steps } = layout.program;
  if (brokenStep === undefined) return;
  if (!steps.some(({ operation }) => operation === "open_tree")) return;
  breakRecord(into.constant.subarray(brokenStep * RECORD.size), "fail");
};

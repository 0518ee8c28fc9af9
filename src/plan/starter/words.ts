/**
 * What the launch tells its starter, as words of the starter's file that it
 * writes: so the starter itself is the same for everybody.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { load } from "../../../syscalls/control.ts";
import { WORD_ADDRESS, WORD_OFFSET } from "../../../syscalls/elf-writer.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Slot } from "../../../syscalls/program.ts";

/** What the init is called. */
export const INIT_NAME = "selfdock-init";

/** Their place in the file, and each one's place in them. */
export const WORDS = {
  offset: WORD_OFFSET,
  size: 32,
  /** The command's signal mask, which the starter sets last. */
  mask: 0,
  /** The number of the pipe that the starter reports on. */
  report: 8,
  /** OWN_FILE: in a baked file's starter a file that PATH is not searched for; else zeros. */
  ownFile: 16,
} as const;

/** The address of the mask in the starter. */
export const COMMAND_MASK = shown(
  WORD_ADDRESS + WORDS.mask,
  "&command's signal mask",
);

/** The address of OWN_FILE in the starter. */
export const OWN_FILE_WORD = shown(WORD_ADDRESS + WORDS.ownFile, "&own file");

/** The starter's first step: which descriptor its pipe is. */
export function planReportDescriptor(p: ProgramBuilder): Slot {
  const report = p.slot("pipe to report on");
  p.part("find arguments and environment", () =>
    load(p, report, 8, [
      shown(WORD_ADDRESS + WORDS.report, "&pipe to report on"),
      0,
    ]),
  );
  return report;
}

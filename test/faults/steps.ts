/** The steps of a launch's Programs, from what `--dry-run=steps` prints. */

import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import type { ProgramName } from "./seam/break.ts";

/** A step that is a system call. */
export interface CallStep {
  readonly program: ProgramName;
  readonly number: number;
  readonly call: string;
  /** As it is printed, without its number. */
  readonly text: string;
  /** The action that it serves. */
  readonly part: string;
  /** Whether its failure is the Program's end. */
  readonly mustSucceed: boolean;
}

const STEP = /^ +(\d+) {2}((?:.*? = )?([a-z][a-z0-9_]*)\(.*)$/;
export const STARTER = "# The starter, a program of its own";
const FRAME = "# What plays them, and supervises";

export function parseCallSteps(print: string): readonly CallStep[] {
  const steps: CallStep[] = [];
  let part = "";
  let program: ProgramName = "launch";
  for (const line of print.split("\n")) {
    if (line.startsWith("# ")) part = line.slice(2);
    if (line.startsWith(STARTER)) program = "starter";
    if (line.startsWith(FRAME)) program = "frame";
    const [, number, text, call] = STEP.exec(line) ?? [];
    // It has no error to return.
    if (call === "exit_group") continue;
    if (text === undefined || call === undefined || !(call in SYSCALL))
      continue;
    const mustSucceed = text.endsWith(")");
    steps.push({
      program,
      number: Number(number),
      call,
      text,
      part,
      mustSucceed,
    });
  }
  return steps;
}

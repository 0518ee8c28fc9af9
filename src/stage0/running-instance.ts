/** What the supervisor is told of the instance that it minds. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import type { Slot } from "../../syscalls/program.ts";

/** What the supervisor knows of its instance. */
export interface RunningInstance {
  /** Its pid 1, or what has entered it. */
  readonly child: Slot;
  /** One of GROUP. */
  readonly group: Slot;
  /** The descriptor of the init's reports, or NO_REPORTS. */
  readonly reports: Slot;
  /** 0 if the child is no pid 1 but has entered: signals do to it what they do to anybody. */
  readonly first: Slot;
}

export function runningInstance(p: ProgramBuilder): RunningInstance {
  return {
    child: p.slot("instance's pid 1"),
    group: p.slot("process group"),
    reports: p.slot("init's reports"),
    first: p.slot("is pid 1"),
  };
}

/** The times of an instance: CLOCK_MONOTONIC, in the ticket. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { named } from "../../../syscalls/calls/operands.ts";
import { CLOCK } from "../../../syscalls/constants/process.table.ts";
import { ticket } from "./spawner-memory.ts";

/** What there is a time for. */
export type Moment = "began" | "stood" | "resumed" | "launched" | "ended";

/** Writes down the time. */
export function planMoment(p: ProgramBuilder, moment: Moment): void {
  p.call("clock_gettime", [named("CLOCK", CLOCK, "MONOTONIC"), ticket(moment)]);
}

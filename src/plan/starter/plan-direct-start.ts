/**
 * The starter without `--init`: it makes way for the command at once. Security
 * model: while a path of the command is looked up, /proc/self/exe must not lead
 * to a file of the host's, which the user could be led to change from inside
 * (CVE-2019-5736). It leads to the starter, a sealed file in memory.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  exitProcess,
  restoreSignalMask,
} from "../../../syscalls/calls/processes.ts";
import { jump } from "../../../syscalls/control.ts";
import type { Program } from "../../../syscalls/program.ts";
import { planExecution } from "../plan-execution.ts";
import { planGo } from "./go.ts";
import { planBrokenStep, planPipe, planRefusal } from "./plan-report.ts";
import { planVectors } from "./plan-vectors.ts";
import { COMMAND_MASK, planReportDescriptor } from "./words.ts";

/** Plans the Program. */
export function planDirectStart(): Program {
  const p = new ProgramBuilder();
  const [first, broken] = [p.label("starter"), p.label("a step has failed")];
  p.place(first);
  const ended = p.label("ended");
  const vectors = planVectors(p);
  const report = planReportDescriptor(p);
  p.faultsTo(broken, () =>
    p.part("execute the command", () => {
      planPipe(p, report);
      planGo(p);
      restoreSignalMask(p, COMMAND_MASK);
      planRefusal(p, report, planExecution(p, vectors));
    }),
  );
  p.part("end", () => {
    jump(p, ended);
    p.place(broken);
    planBrokenStep(p, report, first);
    p.place(ended);
    exitProcess(p, 124);
  });
  return p.finish();
}

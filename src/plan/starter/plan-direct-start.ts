/**
 * The starter without `--init`: it makes way for the command at once. Security
 * model: while a path of the command is looked up, /proc/self/exe must not lead
 * to a file of the host's, which the user could be led to change from inside
 * (CVE-2019-5736). It leads to the starter, on a read-only filesystem of its own.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { named } from "../../../syscalls/calls/operands.ts";
import {
  exitProcess,
  setSignalMask,
} from "../../../syscalls/calls/processes.ts";
import { F, FD } from "../../../syscalls/constants/open.table.ts";
import { jump } from "../../../syscalls/control.ts";
import type { Program } from "../../../syscalls/program.ts";
import { planExecution } from "../plan-execution.ts";
import { planGo } from "./go.ts";
import { planBrokenStep, planRefusal, planReport } from "./plan-report.ts";
import { STARTER_KIND } from "./record.ts";
import { planVectors } from "./plan-vectors.ts";

/** Plans the Program, which reports on the pipe of that number; `blocked` is the command's signal mask. */
export function planDirectStart(report: number, blocked: bigint): Program {
  const p = new ProgramBuilder();
  const [first, broken] = [p.label("starter"), p.label("a step has failed")];
  p.place(first);
  const [ended, unmarked, alone] = [
    p.label("ended"),
    p.label("pipe is not marked"),
    p.label("no pipe"),
  ];
  const vectors = planVectors(p);
  p.faultsTo(broken, () =>
    p.part("execute the command", () => {
      const marked = p.slot("marked");
      const close = [
        report,
        named("F", F, "SETFD"),
        named("FD", FD, "CLOEXEC"),
      ];
      p.call("fcntl", close, { result: marked, failure: unmarked });
      planGo(p);
      setSignalMask(p, blocked);
      planRefusal(p, report, planExecution(p, vectors));
      jump(p, ended);
      p.place(unmarked);
      // Without the pipe this is a starter that was itself the command.
      planReport(p, report, [STARTER_KIND.refused, marked], alone);
      jump(p, ended);
      p.place(alone);
      const message =
        "selfdock: Cannot execute the starter: it is no command\n";
      p.call("write", [2, p.text(message), message.length], { failure: ended });
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

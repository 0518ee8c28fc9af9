/** Why there is no instance, in words: which step failed, on what, and what to do about it. */

import { CLD } from "../../syscalls/constants/wait.table.ts";
import { ERRNO, errnoName, errnoText } from "../../syscalls/errno.table.ts";
import type { Fault, Played } from "../../syscalls/ffi.ts";
import { RECORD } from "../../syscalls/record.ts";
import { SelfdockError } from "../plan/error.ts";
import { quote } from "../plan/bytes.ts";
import type { Mode } from "../plan/facts.ts";
import type { Launch } from "../plan/plan-instance.ts";
import { planStarter } from "../plan/starter/starter-executable.ts";
import type { Request } from "../plan/request.ts";
import { explainScratch } from "./explain-scratch.ts";
import { explainUserNamespaces } from "./explain-user-namespaces.ts";

/** How a child ended: si_code and si_status of waitid(2). */
export interface Ending {
  readonly code: number;
  readonly status: number;
}

interface Failure {
  readonly launch: Launch;
  readonly run: Played;
  readonly mode: Mode;
  readonly ending: Ending | null;
}

export function explainFailure(
  request: Pick<Request, "command">,
  failure: Failure,
): SelfdockError {
  const { launch, run, ending } = failure;
  const fault = run.fault();
  if (fault !== null) return explainFault(fault, failure);
  if (run.read(launch.gaveUp) !== 0) return explainCommand(request, failure);
  if (run.read(launch.brokenStep) !== 0) return explainStarter(failure);
  const how =
    ending === null || ending.code === CLD.EXITED
      ? "it ended before the command could start"
      : `it was killed by signal ${ending.status} before the command could start`;
  return new SelfdockError("launch", `Cannot start the instance: ${how}`);
}

/** What to do about a call's error, where one cause is likely. */
const HINTS: Readonly<Record<string, string>> = {
  "prlimit64 EPERM":
    "a hard limit can be lowered, never raised: ulimit -H -a shows your own",
  "process_vm_readv EPERM":
    "who may not trace a process may not enter its instance: kernel.yama.ptrace_scope above 0 forbids it where root's privilege made the instance",
  "process_vm_readv ENOSYS":
    "this kernel was built without CONFIG_CROSS_MEMORY_ATTACH",
  "setns EPERM":
    "within an instance that root's privilege made, none is entered from another",
  "memfd_create EACCES":
    "vm.memfd_noexec is 2 on this host, so nothing in memory may be executed: 1 would do",
};

/** A step of the Program failed. */
function explainFault(
  { step, errno }: Fault,
  { launch, run, mode }: Failure,
): SelfdockError {
  const context = launch.program.parts[run.read(launch.program.context)];
  const inSubroutine = step.part.action === launch.subroutines;
  const action =
    (inSubroutine ? context : step.part)?.action ?? step.part.action;
  const subject =
    step.subject === null || action.includes(step.subject)
      ? ""
      : `${step.subject}: `;
  const number = launch.program.steps.indexOf(step);
  const message = `Cannot ${action}: ${subject}${errnoText(errno)} (step ${number}, ${step.operation}: ${errnoName(errno)})`;
  const hint =
    HINTS[`${step.operation} ${errnoName(errno)}`] ??
    explainScratch(step, errno) ??
    (mode === "rootless" ? explainUserNamespaces(step, errno) : null);
  return new SelfdockError("launch", message, hint);
}

/** A step of the starter failed, which has said so. */
function explainStarter({ launch, run }: Failure): SelfdockError {
  const number = run.read(launch.brokenStep) / RECORD.size;
  // Where others are inside already, one of them may have written the report.
  const step = planStarter(launch.starter).steps[number];
  if (step === undefined)
    return new SelfdockError("launch", "Cannot start: its starter failed");
  const errno = -run.read(launch.brokenResult);
  return new SelfdockError(
    "launch",
    `Cannot ${step.part.action}: ${errnoText(errno)} (starter's step ${number}, ${step.operation}: ${errnoName(errno)})`,
  );
}

/** Everything stood, but the command could not be executed. */
function explainCommand(
  { command }: Pick<Request, "command">,
  { launch, run }: Failure,
): SelfdockError {
  const name = quote(command[0]!);
  const errno = -run.read(launch.executed);
  if (run.read(launch.notProgram) !== 0)
    return new SelfdockError(
      "not-executable",
      `Cannot execute ${name}: it is neither a program nor a script`,
    );
  if (errno !== ERRNO.ENOENT && errno !== ERRNO.ENOTDIR)
    return new SelfdockError(
      "not-executable",
      `Cannot execute ${name}: ${errnoText(errno)}`,
    );
  if (run.read(launch.interpreterMissing) !== 0) {
    const hint =
      "a script names it in its first line, a program was linked against another system's libraries";
    return new SelfdockError(
      "not-executable",
      `Cannot execute ${name}: its interpreter is missing inside`,
      hint,
    );
  }
  const hint = command[0]!.includes("/")
    ? "the path is looked up inside the instance"
    : "PATH is searched inside the instance";
  return new SelfdockError(
    "not-found",
    `Cannot execute ${name}: no such command inside`,
    hint,
  );
}

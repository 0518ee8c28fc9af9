/** Why there is no instance, in words: which step failed, on what, and what to do about it. */

import { CLD } from "../../syscalls/constants/wait.table.ts";
import { ERRNO, errnoName, errnoText } from "../../syscalls/errno.table.ts";
import type { Fault, Played } from "../../syscalls/ffi.ts";
import { RECORD } from "../../syscalls/record.ts";
import { SelfdockError } from "../plan/error.ts";
import { launchError } from "../plan/shortage.ts";
import { quote } from "../plan/bytes.ts";
import type { Mode } from "../plan/facts.ts";
import {
  CALL_HINTS,
  COMMAND_STATE,
  ENDED,
  FINDING_HINTS,
  INTERPRETER_HINT,
  searchHint,
  subjectOf,
} from "../plan/failure-words.ts";
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
  readonly launch: Omit<Launch, "reports">;
  readonly run: Played;
  readonly mode: Mode;
  readonly ending: Ending | null;
  /** What the placeholders of a ready-made launch stand for. */
  readonly words?: ReadonlyMap<string, string>;
}

export function explainFailure(
  request: Pick<Request, "command">,
  failure: Failure,
): SelfdockError {
  const { launch, run, ending } = failure;
  const fault = run.fault();
  if (fault !== null)
    return isTooLong(fault)
      ? refusedCommand(request, COMMAND_STATE.tooLong)
      : explainFault(fault, failure);
  if (run.read(launch.gaveUp) !== 0) return explainCommand(request, failure);
  if (run.read(launch.brokenStep) !== 0) return explainStarter(failure);
  const how =
    ending === null || ending.code === CLD.EXITED
      ? ENDED.exited
      : `${ENDED.killed} ${ending.status} ${ENDED.before}`;
  return new SelfdockError("launch", `Cannot start the instance: ${how}`);
}

/** The starter gets the words of the command, and makes way for it with no more. */
function isTooLong({ step, errno }: Fault): boolean {
  return step.operation === "execveat" && errno === ERRNO.E2BIG;
}

/** A step of the Program failed. */
function explainFault(
  { step, errno }: Fault,
  { launch, run, mode, words = new Map() }: Failure,
): SelfdockError {
  const context = launch.program.parts[run.read(launch.program.context)];
  const inSubroutine = step.part.action === launch.subroutines;
  const action =
    (inSubroutine ? context : step.part)?.action ?? step.part.action;
  const about = `${action}: ${subjectOf(step, action)}`.replaceAll(
    /\{[a-z]+\}/g,
    (placeholder) => words.get(placeholder) ?? placeholder,
  );
  const number = launch.program.steps.indexOf(step);
  const message = `Cannot ${about}${errnoText(errno)} (step ${number}, ${step.operation}: ${errnoName(errno)})`;
  const hint =
    CALL_HINTS[`${step.operation} ${errnoName(errno)}`] ??
    FINDING_HINTS[step.subject ?? ""] ??
    explainScratch(step, errno) ??
    (mode === "rootless" ? explainUserNamespaces(step, errno) : null);
  return launchError(errno, message, hint);
}

/** A step of the starter failed, which has said so. */
function explainStarter({ launch, run }: Failure): SelfdockError {
  const number = run.read(launch.brokenStep) / RECORD.size;
  // Where others are inside already, one of them may have written the report.
  const step = planStarter(launch.starter).steps[number];
  if (step === undefined)
    return new SelfdockError("launch", "Cannot start: its starter failed");
  const errno = -run.read(launch.brokenResult);
  return launchError(
    errno,
    `Cannot ${step.part.action}: ${errnoText(errno)} (starter's step ${number}, ${step.operation}: ${errnoName(errno)})`,
  );
}

/** Everything stood, but the command could not be executed. */
function explainCommand(
  request: Pick<Request, "command">,
  { launch, run }: Failure,
): SelfdockError {
  const errno = -run.read(launch.executed);
  if (run.read(launch.notProgram) !== 0)
    return refusedCommand(request, COMMAND_STATE.notProgram);
  if (errno !== ERRNO.ENOENT && errno !== ERRNO.ENOTDIR)
    return refusedCommand(request, errnoText(errno));
  if (run.read(launch.interpreterMissing) !== 0)
    return refusedCommand(
      request,
      COMMAND_STATE.interpreterMissing,
      INTERPRETER_HINT,
    );
  const command = request.command[0]!;
  return new SelfdockError(
    "not-found",
    `Cannot execute ${quote(command)}: ${COMMAND_STATE.notFound}`,
    searchHint(command),
  );
}

/** It is there. */
function refusedCommand(
  { command }: Pick<Request, "command">,
  state: string,
  hint: string | null = null,
): SelfdockError {
  return new SelfdockError(
    "not-executable",
    `Cannot execute ${quote(command[0]!)}: ${state}`,
    hint,
  );
}

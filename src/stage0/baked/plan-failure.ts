/**
 * Says why there is no instance, as the launcher would (src/launch): which step
 * failed, with what errno, or why the command was not executed. The process
 * ends here, with the status that the launcher would have.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import type { SyscallName } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { flag, named, NULL } from "../../../syscalls/calls/operands.ts";
import { CLD, P, WAIT } from "../../../syscalls/constants/wait.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  set,
  when,
} from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Program, Slot } from "../../../syscalls/program.ts";
import { CONTROL_BIT, RECORD } from "../../../syscalls/record.ts";
import { SIGINFO } from "../../../syscalls/structs.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { EXIT_STATUS } from "../../plan/error.ts";
import {
  COMMAND_STATE,
  ENDED,
  INTERPRETER_HINT,
  searchHint,
} from "../../plan/failure-words.ts";
import { planStarter } from "../../plan/starter/starter-executable.ts";
import type { ReadyLaunch } from "../ready-made.ts";
import {
  callTexts,
  errnoTexts,
  isTold,
  launchColumns,
  OF_CONTEXT,
  TextList,
} from "./failure-tables.ts";
import type { Columns } from "./failure-tables.ts";
import { planHint } from "./plan-hint.ts";
import { planLookup } from "./plan-lookup.ts";
import type { Lookup } from "./plan-lookup.ts";
import { planMessage } from "./plan-message.ts";
import type { Message } from "./plan-message.ts";

/** The bits of a call's number. */
const CALL_NUMBER = shown(0xffff, "0xffff");

/** What all parts of a message need. */
interface Failure {
  readonly p: ProgramBuilder;
  readonly ready: ReadyLaunch;
  readonly message: Message;
  readonly lookup: Lookup;
  /** Of the launch's steps. */
  readonly columns: Columns;
  /** The numbers of the first texts of each kind. */
  readonly texts: Readonly<
    Record<"calls" | "fail" | "actions" | "starter", number>
  >;
}

export function planFailure(
  p: ProgramBuilder,
  ready: ReadyLaunch,
  command: Bytes,
): void {
  const f = makeFailure(p, ready, command);
  const { launch } = ready;
  p.part("say why there is no instance", () => {
    const ended = planReaping(f);
    const [fault, refused, broken] = [
      p.label("a step failed"),
      p.label("nothing was executed"),
      p.label("a step of the starter failed"),
    ];
    f.message.begin();
    f.message.say("selfdock: Cannot ");
    for (const [of, label] of [
      ["faultRecord", fault],
      [launch.gaveUp, refused],
      [launch.brokenStep, broken],
    ] as const)
      jumpIf(p, [readValue(f, of), "!=", 0], label);
    planEnded(f, ended);
    p.place(fault);
    planFault(f);
    p.place(broken);
    planBroken(f);
    p.place(refused);
    planRefused(f, command);
    f.message.define();
    f.lookup.define();
  });
}

/** With the texts, made from the launch. */
function makeFailure(
  p: ProgramBuilder,
  ready: ReadyLaunch,
  command: Bytes,
): Failure {
  const { launch } = ready;
  const list = new TextList();
  const starter = planStarter(launch.starter);
  list.add(errnoTexts());
  const texts = {
    calls: list.add(callTexts([launch.program, starter])),
    fail: list.add(["fail"]),
    actions: list.add(actionsOf(launch.program)),
    starter: list.add(actionsOf(starter)),
  };
  const columns = launchColumns(launch, list);
  // No text is in a message twice, and a name is shown in at most four times its bytes.
  const most = list.bytes.length + 4 * command.length + 4096;
  const message = planMessage(p, most);
  const lookup = planLookup(p, p.constant("{texts}", list.bytes), message);
  return { p, ready, message, lookup, columns, texts };
}

function actionsOf({ parts }: Program): readonly string[] {
  return parts.map(({ action }) => action);
}

function readValue(
  { p, ready }: Failure,
  of: Parameters<ReadyLaunch["address"]>[0],
): Slot {
  const value = p.slot("value");
  load(p, value, 8, [ready.address(of), 0]);
  return value;
}

/** The errno that a result is. */
function planErrno(
  f: Failure,
  of: Parameters<ReadyLaunch["address"]>[0],
): void {
  compute(f.p, f.lookup.errno, [0, "-", readValue(f, of)]);
}

interface Ended {
  readonly code: Slot;
  readonly status: Slot;
}

/** What became of the child: zeros where there was none. */
function planReaping(f: Failure): Ended {
  const { p, ready } = f;
  const info = p.buffer("child", SIGINFO.size);
  const [code, status] = [p.slot("what happened"), p.slot("status")];
  const none = p.label("no child");
  const child = readValue(f, ready.launch.child);
  jumpIf(p, [child, "<", 1], none);
  const exited = flag("WAIT", WAIT.EXITED);
  p.call("waitid", [named("P", P, "PID"), child, info, exited, NULL], {
    failure: "continue",
  });
  p.place(none);
  loadField(p, code, [SIGINFO, "code"], info);
  loadField(p, status, [SIGINFO, "status"], info);
  return { code, status };
}

function planEnded({ p, message }: Failure, { code, status }: Ended): void {
  const [exited, done] = [p.label("it exited"), p.label("all is said")];
  message.say("start the instance: ");
  jumpIf(p, [code, "==", 0], exited);
  jumpIf(p, [code, "==", CLD.EXITED], exited);
  message.say(`${ENDED.killed} `);
  message.addNumber(status);
  message.say(` ${ENDED.before}\n`);
  jump(p, done);
  p.place(exited);
  message.say(`${ENDED.exited}\n`);
  p.place(done);
  message.end(EXIT_STATUS.launch);
}

/** A step of the launch. */
function planFault(f: Failure): void {
  const { p, ready, message, lookup, columns, texts } = f;
  const [operation, call] = [p.slot("operation"), p.slot("call")];
  const record = readValue(f, "faultRecord");
  load(p, operation, 4, [record, RECORD.operation]);
  planErrno(f, "faultResult");
  compute(p, record, [record, "-", ready.program]);
  lookup.find(record);
  compute(p, record, [lookup.step, "<<", 1]);
  const read = (column: keyof Columns) => {
    const value = p.slot(column);
    load(p, value, 2, [p.constant(`{${column}s}`, columns[column]), record]);
    return value;
  };
  const [part, subject, refusal] = [
    read("part"),
    read("subject"),
    read("refusal"),
  ];
  when(p, [part, "==", OF_CONTEXT], () =>
    set(p, part, readValue(f, ready.launch.program.context)),
  );
  compute(p, part, [part, "+", texts.actions]);
  lookup.add(part);
  message.say(": ");
  lookup.add(subject);
  set(p, call, texts.fail);
  when(p, [operation, "below", CONTROL_BIT], () => {
    compute(p, call, [operation, "&", CALL_NUMBER]);
    compute(p, call, [call, "+", texts.calls]);
  });
  planWhere(f, "step", call);
  const hint = p.slot("hint");
  const calls = new Set<string>(
    ready.launch.program.steps.map(({ operation: name }) => name),
  );
  planHint(p, { calls, operation, errno: lookup.errno, refusal }, hint);
  message.say("selfdock: hint: ");
  message.add(hint);
  message.say("\n");
  message.end(EXIT_STATUS.launch);
}

/** A step of the starter, which has said so. */
function planBroken(f: Failure): void {
  const { p, ready, message, lookup, texts } = f;
  const { launch } = ready;
  const [action, call] = [p.slot("action"), p.slot("call")];
  planErrno(f, launch.brokenResult);
  lookup.find(readValue(f, launch.brokenStep));
  for (const [number, step] of planStarter(launch.starter).steps.entries()) {
    if (!isTold(step)) continue;
    when(p, [lookup.step, "==", number], () => {
      set(p, action, texts.starter + step.part.index);
      set(p, call, texts.calls + SYSCALL[step.operation as SyscallName]);
    });
  }
  lookup.add(action);
  message.say(": ");
  planWhere(f, "starter's step", call);
  message.end(EXIT_STATUS.launch);
}

/** The end of both: errno, number and call. */
function planWhere(
  { message, lookup }: Failure,
  whose: string,
  call: Slot,
): void {
  lookup.addErrno("text");
  message.say(` (${whose} `);
  message.addNumber(lookup.step);
  message.say(", ");
  lookup.add(call);
  message.say(": ");
  lookup.addErrno("name");
  message.say(")\n");
}

/** Everything stood, but the command could not be executed. */
function planRefused(f: Failure, command: Bytes): void {
  const { p, ready, message, lookup } = f;
  const { launch } = ready;
  const [program, absent, missing] = [
    p.label("may be a program"),
    p.label("not there"),
    p.label("interpreter is missing"),
  ];
  message.say(`execute ${quote(command)}: `);
  const say = (state: string, hint: string | null, status: number) => {
    const help = hint === null ? "" : `selfdock: hint: ${hint}\n`;
    message.say(`${state}\n${help}`);
    message.end(status);
  };
  const { "not-executable": denied, "not-found": unknown } = EXIT_STATUS;
  jumpIf(p, [readValue(f, launch.notProgram), "==", 0], program);
  say(COMMAND_STATE.notProgram, null, denied);
  p.place(program);
  planErrno(f, launch.executed);
  for (const number of [ERRNO.ENOENT, ERRNO.ENOTDIR])
    jumpIf(p, [lookup.errno, "==", number], absent);
  lookup.addErrno("text");
  say("", null, denied);
  p.place(absent);
  jumpIf(p, [readValue(f, launch.interpreterMissing), "!=", 0], missing);
  say(COMMAND_STATE.notFound, searchHint(command), unknown);
  p.place(missing);
  say(COMMAND_STATE.interpreterMissing, INTERPRETER_HINT, denied);
}

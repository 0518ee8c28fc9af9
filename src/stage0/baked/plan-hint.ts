/** What a baked file says helps, where one cause of a failure is likely: the launcher's words. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { close, openFile } from "../../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../../syscalls/calls/operands.ts";
import { O } from "../../../syscalls/constants/open.table.ts";
import { jump, jumpIf, load, set } from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import type { ErrnoName } from "../../../syscalls/errno.table.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import type { SyscallName } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Data, Label, Operand, Slot } from "../../../syscalls/program.ts";
import { bytesOf } from "../../plan/bytes.ts";
import { CALL_HINTS } from "../../plan/failure-words.ts";
import {
  CLONE_ERRNOS,
  cloneHint,
  NO_RIGHTS,
  PROC_REFUSED,
  rightsHint,
  switchHint,
  SWITCHES,
} from "../../plan/user-namespace-words.ts";
import type { Switch } from "../../plan/user-namespace-words.ts";
import { REFUSAL } from "./failure-tables.ts";

const OTHERWISE =
  'use selfdock run, installed setuid: as root, "selfdock install"';
const AGAIN =
  "where this host has changed since the file was made, bake it again; selfdock explain FILE shows what is in it";
const NEWLINE = shown(0x0a, "'\\n'");

/** `to` = the address of the hint on a failed step; `operation` is its system call's number. */
export function planHint(
  p: ProgramBuilder,
  {
    calls,
    operation,
    errno,
    refusal,
  }: {
    /** Those that the launch makes. */
    calls: ReadonlySet<string>;
    operation: Slot;
    errno: Slot;
    refusal: Slot;
  },
  to: Slot,
): void {
  const known = p.label("the hint is known");
  const words = (text: string): Operand => p.text(bytesOf(text));
  const give = (text: string) => {
    set(p, to, words(text));
    jump(p, known);
  };
  planCallHints(p, { calls, operation, errno }, give);
  const [telling, again] = [p.label("user namespaces"), p.label("bake again")];
  jumpIf(p, [refusal, "==", REFUSAL.any], telling);
  jumpIf(p, [refusal, "==", REFUSAL.none], again);
  const others = p.label("no procfs");
  jumpIf(p, [refusal, "!=", REFUSAL.proc], others);
  jumpIf(p, [errno, "!=", ERRNO.EPERM], others);
  give(PROC_REFUSED);
  p.place(others);
  for (const number of NO_RIGHTS) jumpIf(p, [errno, "==", number], telling);
  jump(p, again);
  p.place(telling);
  const answer = p.buffer("content of a switch", 8);
  for (const each of SWITCHES) {
    const next = p.label("not this switch");
    planSwitch(p, each, { answer, next });
    give(switchHint(each, OTHERWISE));
    p.place(next);
  }
  const clone = p.label("the clone");
  jumpIf(p, [refusal, "==", REFUSAL.any], clone);
  give(rightsHint(OTHERWISE));
  p.place(clone);
  for (const number of CLONE_ERRNOS) {
    const next = p.label("another errno");
    jumpIf(p, [errno, "!=", number], next);
    give(cloneHint(number, OTHERWISE));
    p.place(next);
  }
  give(cloneHint(0, OTHERWISE));
  p.place(again);
  give(AGAIN);
  p.place(known);
}

/** Those of CALL_HINTS that the launch's calls may ask for. */
function planCallHints(
  p: ProgramBuilder,
  {
    calls,
    operation,
    errno,
  }: { calls: ReadonlySet<string>; operation: Slot; errno: Slot },
  give: (text: string) => void,
): void {
  for (const [name, text] of Object.entries(CALL_HINTS)) {
    const [call, code] = name.split(" ") as [SyscallName, ErrnoName];
    if (!calls.has(call)) continue;
    const next = p.label("another failure");
    jumpIf(p, [operation, "!=", SYSCALL[call]], next);
    jumpIf(p, [errno, "!=", ERRNO[code]], next);
    give(text);
    p.place(next);
  }
}

/** Goes on at `next` unless the switch's file says that it forbids. */
function planSwitch(
  p: ProgramBuilder,
  { file, forbidding }: Switch,
  { answer, next }: { answer: Data; next: Label },
): void {
  const [opened, size, byte] = [
    p.slot("switch"),
    p.slot("size"),
    p.slot("byte"),
  ];
  openFile(p, [WORKING_DIRECTORY, p.text(file)], O.RDONLY, {
    result: opened,
    failure: next,
  });
  p.call("read", [opened, answer, answer.size], {
    result: size,
    failure: "continue",
  });
  close(p, opened);
  for (const [index, expected] of [
    shown(forbidding.charCodeAt(0), `'${forbidding}'`),
    NEWLINE,
  ].entries()) {
    load(p, byte, 1, [addressOf(answer), index]);
    jumpIf(p, [byte, "!=", expected], next);
  }
  jumpIf(p, [size, "!=", 2], next);
}

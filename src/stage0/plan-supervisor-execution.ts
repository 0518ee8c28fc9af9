/**
 * Bun as the launcher becomes the supervisor: the file is executed again, with
 * the word of supervise-word.ts as its environment, and nothing of Bun is left.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import {
  compute,
  jumpIf,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { planLastWord } from "../plan/plan-last-word.ts";
import { handedOver, HANDOVER } from "./handover.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { Vectors } from "./plan-vectors.ts";
import { NO_REPORTS, SUPERVISE_VARIABLE, WORD } from "./supervise-word.ts";

/** The action of its part. */
export const EXECUTION = "execute the supervisor, since Bun has played";

const FIELDS = SUPERVISE_VARIABLE.length;

/** Never goes on: an instance without a supervisor is ended. */
export function planExecution(
  p: ProgramBuilder,
  { argv }: Vectors,
  instance: RunningInstance,
): void {
  const { child, group, reports } = instance;
  const failed = p.label("no supervisor");
  const word = p.buffer(
    "word to supervise",
    Buffer.alloc(FIELDS + WORD.name + HANDOVER.fields.name.size).fill(
      SUPERVISE_VARIABLE,
      0,
      FIELDS,
    ),
  );
  planDigits(p, [word, WORD.child], child);
  const digit = p.slot("group's digit");
  compute(p, digit, [group, "+", shown(0x30, "'0'")]);
  store(p, 1, [addressOf(word), FIELDS + WORD.group], digit);
  store(p, 1, [addressOf(word), FIELDS + WORD.first], shown(0x31, "'1'"));
  planDigits(p, [word, WORD.reports], reports);
  const { size } = HANDOVER.fields.name;
  p.control("copy", [
    addressOf(word, FIELDS + WORD.name),
    handedOver("name"),
    size,
  ]);
  const environment = p.buffer("{word}", new Uint8Array(16), [
    { at: 0, to: word },
  ]);
  p.faultsTo(failed, () => {
    when(p, [reports, "!=", shown(NO_REPORTS, "no reports")], () =>
      p.call("fcntl", [reports, named("F", F, "SETFD"), 0]),
    );
    p.call("execve", [p.text("/proc/self/exe"), argv, environment]);
  });
  planEnd(p, child, failed);
}

function planEnd(p: ProgramBuilder, child: Slot, failed: Label): void {
  p.place(failed);
  p.call("kill", [child, shown(SIGNAL.KILL, "SIGKILL")], {
    failure: "continue",
  });
  planLastWord(
    p,
    'Cannot supervise the instance: "/proc/self/exe" cannot be executed',
  );
  exitProcess(p, 124);
}

/** Hexadecimal digits, the last first. */
function planDigits(
  p: ProgramBuilder,
  [word, field]: readonly [Data, number],
  value: Slot,
): void {
  const [rest, digit, at] = [p.slot("rest"), p.slot("digit"), p.slot("at")];
  const first = addressOf(word, FIELDS + field);
  set(p, rest, value);
  set(p, at, WORD.digits);
  loop(p, "digits", (leave) => {
    const decimal = p.label("decimal");
    jumpIf(p, [at, "==", 0], leave);
    compute(p, at, [at, "-", 1]);
    compute(p, digit, [rest, "&", 15]);
    compute(p, rest, [rest, ">>", 4]);
    jumpIf(p, [digit, "below", 10], decimal);
    compute(p, digit, [digit, "+", shown(0x27, "'a' - '0' - 10")]);
    p.place(decimal);
    compute(p, digit, [digit, "+", shown(0x30, "'0'")]);
    store(p, 1, [first, at], digit);
  });
}

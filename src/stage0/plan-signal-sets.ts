/** What a process does with each signal: the sets in its status, proc(5). Bit n-1 is signal n. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { compute, jumpIf, load, loop, set } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { planHexadecimal } from "./plan-digit.ts";
import type { ProcessFiles } from "./plan-process-files.ts";

/** A name is eight bytes with its colon and tab; sixteen digits follow. */
const NAME_SIZE = 8;
const DIGITS = 16;
const NEWLINE = shown(0x0a, "'\\n'");

export interface SignalSets {
  readonly pending: Slot;
  readonly blocked: Slot;
  readonly ignored: Slot;
  readonly handled: Slot;
}

export function signalSets(p: ProgramBuilder): SignalSets {
  return {
    pending: p.slot("pending signals"),
    blocked: p.slot("blocked signals"),
    ignored: p.slot("ignored signals"),
    handled: p.slot("handled signals"),
  };
}

/** Reads the sets; goes on at `gone` if the process has no status any more. */
export function planSignalSets(
  p: ProgramBuilder,
  { files, sets, gone }: { files: ProcessFiles; sets: SignalSets; gone: Label },
): void {
  const lines: readonly (readonly [string, Slot])[] = [
    ["ShdPnd:\t", sets.pending],
    ["SigBlk:\t", sets.blocked],
    ["SigIgn:\t", sets.ignored],
    ["SigCgt:\t", sets.handled],
  ];
  files.planRead("status", gone);
  const [at, line, left] = [p.slot("at"), p.slot("line"), p.slot("left")];
  const [word, length] = [
    p.slot("start of the line"),
    p.slot("length of the line"),
  ];
  set(p, at, 0);
  loop(p, "lines", (leave) => {
    jumpIf(p, [files.size, "below", at], leave);
    jumpIf(p, [files.size, "==", at], leave);
    compute(p, line, [addressOf(files.text), "+", at]);
    load(p, word, 8, [line, 0]);
    compute(p, left, [files.size, "-", at]);
    p.control("find", [line, left, NEWLINE], { result: length });
    compute(p, at, [at, "+", length]);
    compute(p, at, [at, "+", 1]);
    compute(p, line, [line, "+", NAME_SIZE]);
    for (const [name, to] of lines) {
      const other = p.label("another line");
      const number = Buffer.from(name, "latin1").readBigUInt64LE();
      jumpIf(p, [word, "!=", shown(number, JSON.stringify(name))], other);
      planHexadecimal(p, [line, DIGITS], to);
      p.place(other);
    }
  });
}

/**
 * What pid 1 of the instance does with a signal. The first process of a pid
 * namespace never sees one that it neither blocks, ignores, handles nor waits
 * for. What a process waits for in sigwait(3) is not among what it blocks, so
 * the call that it is in is looked at too. pid_namespaces(7), proc(5).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  define,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
} from "../../syscalls/control.ts";
import type { Subroutine } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { IOVEC } from "../../syscalls/structs.ts";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { planHexadecimal } from "./plan-digit.ts";
import type { ProcessFiles } from "./plan-process-files.ts";
import { planSignalSets } from "./plan-signal-sets.ts";
import type { SignalSets } from "./plan-signal-sets.ts";

/** Between two calls of sigwait(3) a signal is blocked again: how often both are looked at. */
const ROUNDS = 8;

/** How pid 1 takes a signal. */
export const KNOWN = {
  no: 0,
  /** It handles it, ignores it or waits for it; or it is gone. */
  yes: 1,
  /** It blocks it, and may let it in later: then it is too late to ask. */
  blocked: 2,
} as const;

export interface KnownSignal {
  /** Asks about `signal`; `known` is one of KNOWN afterwards. */
  readonly ask: Subroutine;
  readonly signal: Slot;
  readonly known: Slot;
  /** Writes the subroutine. */
  define(): void;
}

export function planKnownSignal(
  p: ProgramBuilder,
  {
    child,
    files,
    sets,
  }: { child: Slot; files: ProcessFiles; sets: SignalSets },
): KnownSignal {
  const ask = subroutine(p, "does the instance take the signal?");
  const [signal, known] = [p.slot("signal asked about"), p.slot("known")];
  return {
    ask,
    signal,
    known,
    define: () =>
      define(p, ask, () =>
        planQuestion(p, { child, files, sets, signal, known }),
      ),
  };
}

interface Question {
  readonly child: Slot;
  readonly files: ProcessFiles;
  readonly sets: SignalSets;
  readonly signal: Slot;
  readonly known: Slot;
}

function planQuestion(p: ProgramBuilder, question: Question): void {
  const { files, sets, signal, known } = question;
  const [bit, some] = [p.slot("signal's bit"), p.slot("of this set")];
  const [taken, blocked, answered] = [
    p.label("taken"),
    p.label("blocked"),
    p.label("answered"),
  ];
  compute(p, bit, [signal, "-", 1]);
  compute(p, bit, [1, "<<", bit]);
  const round = p.slot("round");
  set(p, round, 0);
  loop(p, "rounds", (leave) => {
    planSignalSets(p, { files, sets, gone: taken });
    for (const [signals, to] of [
      [sets.handled, taken],
      [sets.ignored, taken],
      [sets.blocked, blocked],
    ] as const) {
      compute(p, some, [signals, "&", bit]);
      jumpIf(p, [some, "!=", 0], to);
    }
    jumpIf(p, [round, "==", ROUNDS], leave);
    planWaiting(p, question, { bit, taken });
    compute(p, round, [round, "+", 1]);
  });
  set(p, known, KNOWN.no);
  jump(p, answered);
  p.place(blocked);
  set(p, known, KNOWN.blocked);
  jump(p, answered);
  p.place(taken);
  set(p, known, KNOWN.yes);
  p.place(answered);
}

/** Goes on at `taken` if the process is in rt_sigtimedwait(2) and waits for the signal. */
function planWaiting(
  p: ProgramBuilder,
  { child, files }: Question,
  { bit, taken }: { bit: Slot; taken: Label },
): void {
  const [word, text, length] = [
    p.slot("number of the call"),
    p.slot("first operand"),
    p.slot("its length"),
  ];
  const address = p.slot("address of the set");
  const not = p.label("not waiting");
  const name = `${SYSCALL.rt_sigtimedwait} 0x`;
  const waited = p.buffer("awaited signals", 8);
  const local = p.constant(
    "{awaited signals, 8}",
    encodeStruct(IOVEC, { len: 8n }),
    [{ at: IOVEC.fields.base.offset, to: waited }],
  );
  const remote = p.buffer("{set, 8}", IOVEC.size);
  files.planRead("syscall", not);
  for (const [index, byte] of Buffer.from(name, "latin1").entries()) {
    load(p, word, 1, [addressOf(files.text), index]);
    jumpIf(p, [word, "!=", byte], not);
  }
  compute(p, text, [addressOf(files.text), "+", name.length]);
  p.control("find", [text, 16, shown(0x20, "' '")], { result: length });
  planHexadecimal(p, [text, length], address);
  store(p, 8, [addressOf(remote), IOVEC.fields.base.offset], address);
  store(p, 8, [addressOf(remote), IOVEC.fields.len.offset], 8);
  p.call("process_vm_readv", [child, local, 1, remote, 1, 0], { failure: not });
  load(p, word, 8, [addressOf(waited), 0]);
  compute(p, word, [word, "&", bit]);
  jumpIf(p, [word, "!=", 0], taken);
  p.place(not);
}

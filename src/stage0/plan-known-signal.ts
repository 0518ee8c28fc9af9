/**
 * What a process does with a signal: SigBlk, SigIgn and SigCgt of its status in
 * /proc, and nowhere else. The first process of a pid namespace never sees a
 * signal that it neither blocks, ignores nor handles. pid_namespaces(7), proc(5).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openFile } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  compute,
  define,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
  when,
} from "../../syscalls/control.ts";
import type { Subroutine } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { planHexadecimalDigit } from "./plan-digit.ts";

/** The lines that tell, each name eight bytes with its colon and tab. */
const LINES = ["SigBlk:\t", "SigIgn:\t", "SigCgt:\t"] as const;
const NAME_SIZE = 8;
const LAST_DIGIT = NAME_SIZE + 15;
const STATUS_SIZE = 8192;
const PREFIX = "/proc/";
/** Powers of ten from that of the largest process id (2^22) down. */
const POWERS = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1] as const;

export interface KnownSignal {
  /** Asks about `signal`; `known` is 1 afterwards if the process takes it. */
  readonly ask: Subroutine;
  readonly signal: Slot;
  readonly known: Slot;
  /** Writes the name of the process's status file, once. */
  planPath(): void;
  /** Writes the subroutine. */
  define(): void;
}

export function planKnownSignal(p: ProgramBuilder, child: Slot): KnownSignal {
  const ask = subroutine(p, "does the instance take the signal?");
  const [signal, known] = [p.slot("signal asked about"), p.slot("known")];
  const path = p.buffer("path of the status", 64);
  return {
    ask,
    signal,
    known,
    planPath: () => planPath(p, path, child),
    define: () =>
      define(p, ask, () => planQuestion(p, { path, signal, known })),
  };
}

/** `/proc/PID/status` */
function planPath(p: ProgramBuilder, path: Data, child: Slot): void {
  const table = new Uint8Array(8 * POWERS.length);
  const view = new DataView(table.buffer);
  POWERS.forEach((power, index) =>
    view.setBigUint64(8 * index, BigInt(power), true),
  );
  const powers = p.constant("{powers of ten}", table);
  const [rest, power, index] = [
    p.slot("rest"),
    p.slot("power"),
    p.slot("index"),
  ];
  const [digit, at, skip] = [
    p.slot("digit"),
    p.slot("at"),
    p.label("leading zero"),
  ];
  p.control("copy", [path, p.text(PREFIX), PREFIX.length]);
  set(p, at, PREFIX.length);
  set(p, rest, child);
  set(p, index, 0);
  loop(p, "decimal digits", (leave) => {
    load(p, power, 8, [powers, index]);
    set(p, digit, shown(0x30, "'0'"));
    loop(p, "subtract", (done) => {
      jumpIf(p, [rest, "below", power], done);
      compute(p, rest, [rest, "-", power]);
      compute(p, digit, [digit, "+", 1]);
    });
    const write = p.label("write the digit");
    jumpIf(p, [at, "!=", PREFIX.length], write);
    jumpIf(p, [digit, "==", shown(0x30, "'0'")], skip);
    p.place(write);
    store(p, 1, [addressOf(path), at], digit);
    compute(p, at, [at, "+", 1]);
    p.place(skip);
    compute(p, index, [index, "+", 8]);
    jumpIf(p, [index, "==", 8 * POWERS.length], leave);
  });
  const end = p.slot("end of the path");
  compute(p, end, [addressOf(path), "+", at]);
  p.control("copy", [end, p.text("/status"), "/status".length + 1]);
}

/** A process that has no status any more takes every signal: there is nothing to do about it. */
function planQuestion(
  p: ProgramBuilder,
  { path, signal, known }: { path: Data; signal: Slot; known: Slot },
): void {
  const [file, size] = [p.slot("status"), p.slot("size of the status")];
  const status = p.buffer("status text", STATUS_SIZE);
  const gone = p.label("gone");
  set(p, known, 1);
  openFile(p, [WORKING_DIRECTORY, path], O.RDONLY, {
    result: file,
    failure: gone,
  });
  p.call("read", [file, status, STATUS_SIZE - 2 * NAME_SIZE], {
    result: size,
    failure: gone,
  });
  close(p, file);
  set(p, known, 0);
  const [at, line, left] = [p.slot("at"), p.slot("line"), p.slot("left")];
  const [word, length] = [
    p.slot("start of the line"),
    p.slot("length of the line"),
  ];
  set(p, at, 0);
  loop(p, "lines", (leave) => {
    jumpIf(p, [size, "below", at], leave);
    jumpIf(p, [size, "==", at], leave);
    compute(p, line, [addressOf(status), "+", at]);
    load(p, word, 8, [line, 0]);
    for (const name of LINES) planLine(p, { name, word, line, signal, known });
    compute(p, left, [size, "-", at]);
    p.control("find", [line, left, shown(0x0a, "'\\n'")], { result: length });
    compute(p, at, [at, "+", length]);
    compute(p, at, [at, "+", 1]);
  });
  p.place(gone);
}

interface Line {
  readonly name: string;
  readonly word: Slot;
  readonly line: Slot;
  readonly signal: Slot;
  readonly known: Slot;
}

/** If the line has that name, the signal's bit of its sixteen digits. */
function planLine(
  p: ProgramBuilder,
  { name, word, line, signal, known }: Line,
): void {
  const [bit, index, digit] = [
    p.slot("bit"),
    p.slot("digit index"),
    p.slot("digit"),
  ];
  const other: Label = p.label("another line");
  const number = Buffer.from(name, "latin1").readBigUInt64LE();
  jumpIf(p, [word, "!=", shown(number, JSON.stringify(name))], other);
  compute(p, bit, [signal, "-", 1]);
  compute(p, index, [bit, ">>", 2]);
  compute(p, index, [LAST_DIGIT, "-", index]);
  load(p, digit, 1, [line, index]);
  planHexadecimalDigit(p, digit);
  compute(p, bit, [bit, "&", 3]);
  compute(p, digit, [digit, ">>", bit]);
  compute(p, digit, [digit, "&", 1]);
  when(p, [digit, "!=", 0], () => set(p, known, 1));
  p.place(other);
}

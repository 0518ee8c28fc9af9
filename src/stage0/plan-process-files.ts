/** Reading a process's files in /proc: proc(5). */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openFile } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  store,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";

const PREFIX = "/proc/";
/** Powers of ten from that of the largest process id (2^22) down. */
const POWERS = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1] as const;
/** What a file may hold; `status` is the longest, with a list of groups that may be cut. */
const TEXT_SIZE = 8192;
/** Zeroes behind the text: it may be read a few words beyond its end. */
const MARGIN = 16;

export interface ProcessFiles {
  /** Where the text of the file lies that was read last, and its size. */
  readonly text: Data;
  readonly size: Slot;
  /** Writes the name of the process's directory, once. */
  planPath(): void;
  /** Reads the file; goes on at `unread` if that cannot be. */
  planRead(name: string, unread: Label): void;
}

export function planProcessFiles(
  p: ProgramBuilder,
  process: Slot,
): ProcessFiles {
  const path = p.buffer("path of a process's file", 64);
  const text = p.buffer("text of a process's file", TEXT_SIZE);
  const [end, size] = [p.slot("end of the path"), p.slot("size of the text")];
  const file = p.slot("process's file");
  return {
    text,
    size,
    planPath: () => planDirectory(p, { path, end }, process),
    planRead: (name, unread) => {
      p.control("copy", [end, p.text(name), name.length + 1]);
      openFile(p, [WORKING_DIRECTORY, path], O.RDONLY, {
        result: file,
        failure: unread,
      });
      p.call("read", [file, text, TEXT_SIZE - MARGIN], {
        result: size,
        failure: "continue",
      });
      close(p, file);
      jumpIf(p, [size, "<", 1], unread);
    },
  };
}

/** Writes `/proc/PID/` into `path`; `end` is the address behind it. */
function planDirectory(
  p: ProgramBuilder,
  { path, end }: { path: Data; end: Slot },
  process: Slot,
): void {
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
  set(p, rest, process);
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
  compute(p, end, [addressOf(path), "+", at]);
  store(p, 1, [end, 0], shown(0x2f, "'/'"));
  compute(p, end, [end, "+", 1]);
}

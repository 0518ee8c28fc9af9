/** Looks the words of a failure up in the tables of a baked file, and adds them to the message. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  subroutine,
} from "../../../syscalls/control.ts";
import type { Data, Slot } from "../../../syscalls/program.ts";
import { RECORD } from "../../../syscalls/record.ts";
import {
  END_OF_ROWS,
  ERRNO_ROW,
  errnoRows,
  STEP_ROW,
  type TextPool,
} from "./failure-tables.ts";
import type { Message } from "./plan-message.ts";

/** A step's number, and offsets of its texts; 0 where it has no row. */
export interface FoundStep {
  readonly number: Slot;
  readonly action: Slot;
  readonly subject: Slot;
  readonly call: Slot;
  /** One of REFUSAL. */
  readonly refusal: Slot;
}

export interface Lookup {
  /** The errno that is told. */
  readonly errno: Slot;
  /** What was found last. */
  readonly step: FoundStep;
  /** Finds the step whose record is at the offset in its Program. */
  find(table: Data, offset: Slot): void;
  /** Adds a text of the pool. */
  add(offset: Slot): void;
  /** Adds the errno's text or name; a number that has none stands for itself. */
  addErrno(what: "text" | "name"): void;
  /** Writes the subroutines; steps must not run into them. */
  define(): void;
}

export function planLookup(
  p: ProgramBuilder,
  pool: TextPool,
  message: Message,
): Lookup {
  const errnos = p.constant("{errnos}", errnoRows(pool));
  const texts = p.constant("{texts}", pool.bytes);
  const [table, rest] = [p.slot("table of steps"), p.slot("offset")];
  const [field, address] = [p.slot("errno's field"), p.slot("text")];
  const [finding, telling] = [
    subroutine(p, "find a step"),
    subroutine(p, "tell an errno"),
  ];
  const errno = p.slot("errno");
  const step: FoundStep = {
    number: p.slot("step"),
    action: p.slot("action"),
    subject: p.slot("subject"),
    call: p.slot("call"),
    refusal: p.slot("refusal"),
  };
  const add = (offset: Slot) => {
    compute(p, address, [texts, "+", offset]);
    message.add(address);
  };
  return {
    errno,
    step,
    add,
    find: (rows, offset) => {
      set(p, table, rows);
      set(p, rest, offset);
      callSubroutine(p, finding);
    },
    addErrno: (what) => {
      set(p, field, ERRNO_ROW.fields[what].offset);
      callSubroutine(p, telling);
    },
    define: () => {
      define(p, finding, () => planFinding(p, { table, rest, step }));
      define(p, telling, () =>
        planTelling(p, { errnos, field, errno, message, add }),
      );
    },
  };
}

function planFinding(
  p: ProgramBuilder,
  { table, rest, step }: { table: Slot; rest: Slot; step: FoundStep },
): void {
  const { number, ...texts } = step;
  set(p, number, 0);
  loop(p, "records", (leave) => {
    jumpIf(p, [rest, "below", RECORD.size], leave);
    compute(p, rest, [rest, "-", RECORD.size]);
    compute(p, number, [number, "+", 1]);
  });
  const none = p.label("no row");
  planSearch(p, { row: table, number, size: STEP_ROW.size, none });
  for (const name of Object.keys(texts) as (keyof typeof texts)[])
    loadField(p, texts[name], [STEP_ROW, name], table);
  p.place(none);
}

interface Telling {
  readonly errnos: Data;
  readonly field: Slot;
  readonly errno: Slot;
  readonly message: Message;
  readonly add: (offset: Slot) => void;
}

function planTelling(
  p: ProgramBuilder,
  { errnos, field, errno, message, add }: Telling,
): void {
  const [row, offset] = [p.slot("errno's row"), p.slot("errno's text")];
  const [unknown, done] = [p.label("unknown errno"), p.label("errno is told")];
  set(p, row, errnos);
  planSearch(p, {
    row,
    number: errno,
    size: ERRNO_ROW.size,
    none: unknown,
  });
  load(p, offset, 2, [row, field]);
  add(offset);
  jump(p, done);
  p.place(unknown);
  message.say("error ");
  message.addNumber(errno);
  p.place(done);
}

/** `row` goes on to the row that begins with the number; at `none` if there is none. */
function planSearch(
  p: ProgramBuilder,
  {
    row,
    number,
    size,
    none,
  }: {
    row: Slot;
    number: Slot;
    size: number;
    none: ReturnType<ProgramBuilder["label"]>;
  },
): void {
  const found = p.slot("row's number");
  loop(p, "rows", (leave) => {
    load(p, found, 2, [row, 0]);
    jumpIf(p, [found, "==", number], leave);
    jumpIf(p, [found, "==", END_OF_ROWS], none);
    compute(p, row, [row, "+", size]);
  });
}

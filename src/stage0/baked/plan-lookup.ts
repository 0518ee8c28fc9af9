/** Looks the words of a failure up in the texts of a baked file, and adds them to the message. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loop,
  set,
  subroutine,
} from "../../../syscalls/control.ts";
import type { Subroutine } from "../../../syscalls/control.ts";
import type { Data, Operand, Slot } from "../../../syscalls/program.ts";
import { RECORD } from "../../../syscalls/record.ts";
import { ERRNOS } from "./failure-tables.ts";
import type { Message } from "./plan-message.ts";

export interface Lookup {
  /** The errno that is told. */
  readonly errno: Slot;
  /** The step that is told. */
  readonly step: Slot;
  /** Finds the number of the step whose record is at the offset in its Program. */
  find(offset: Slot): void;
  /** Adds the text of a number. */
  add(number: Operand): void;
  /** Adds the errno's text or name; a number that has none stands for itself. */
  addErrno(what: "text" | "name"): void;
  /** Writes the subroutines, steps must not run into them. */
  define(): void;
}

/** The texts are those of a TextList, the first ones of errnos. */
export function planLookup(
  p: ProgramBuilder,
  texts: Data,
  message: Message,
): Lookup {
  const [number, address] = [p.slot("number of the text"), p.slot("text")];
  const [rest, field] = [p.slot("offset"), p.slot("errno's field")];
  const [errno, step] = [p.slot("errno"), p.slot("step")];
  const [counting, finding, telling] = [
    subroutine(p, "count records"),
    subroutine(p, "find a text"),
    subroutine(p, "tell an errno"),
  ];
  return {
    errno,
    step,
    find: (offset) => {
      set(p, rest, offset);
      callSubroutine(p, counting);
    },
    add: (wanted) => {
      set(p, number, wanted);
      callSubroutine(p, finding);
      message.add(address);
    },
    addErrno: (what) => {
      set(p, field, what === "text" ? 1 : 0);
      callSubroutine(p, telling);
    },
    define: () => {
      define(p, counting, () => planCounting(p, step, rest));
      define(p, finding, () => planFinding(p, { number, texts, address }));
      define(p, telling, () =>
        planTelling(p, { number, field, errno, finding, address, message }),
      );
    },
  };
}

function planCounting(p: ProgramBuilder, step: Slot, rest: Slot): void {
  set(p, step, 0);
  loop(p, "records", (leave) => {
    jumpIf(p, [rest, "below", RECORD.size], leave);
    compute(p, rest, [rest, "-", RECORD.size]);
    compute(p, step, [step, "+", 1]);
  });
}

/** `address` = where the text of the number is. */
function planFinding(
  p: ProgramBuilder,
  { number, texts, address }: { number: Slot; texts: Data; address: Slot },
): void {
  const size = p.slot("size of a text");
  set(p, address, texts);
  loop(p, "texts", (leave) => {
    jumpIf(p, [number, "==", 0], leave);
    p.control("find", [address, texts.size, 0], { result: size });
    compute(p, address, [address, "+", size]);
    compute(p, address, [address, "+", 1]);
    compute(p, number, [number, "-", 1]);
  });
}

interface Telling {
  readonly number: Slot;
  readonly field: Slot;
  readonly errno: Slot;
  readonly finding: Subroutine;
  readonly address: Slot;
  readonly message: Message;
}

function planTelling(
  p: ProgramBuilder,
  { number, field, errno, finding, address, message }: Telling,
): void {
  const [unknown, done] = [p.label("unknown errno"), p.label("it is told")];
  const first = p.slot("first character");
  compute(p, number, [ERRNOS - 1, "-", errno]);
  jumpIf(p, [number, "<", 0], unknown);
  compute(p, number, [errno, "<<", 1]);
  compute(p, number, [number, "+", field]);
  callSubroutine(p, finding);
  load(p, first, 1, [address, 0]);
  jumpIf(p, [first, "==", 0], unknown);
  message.add(address);
  jump(p, done);
  p.place(unknown);
  message.say("error ");
  message.addNumber(errno);
  p.place(done);
}

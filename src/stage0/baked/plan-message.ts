/** A message that is put together piece by piece and written at once. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { exitProcess } from "../../../syscalls/calls/processes.ts";
import {
  callSubroutine,
  compute,
  define,
  set,
  subroutine,
} from "../../../syscalls/control.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Operand, Slot } from "../../../syscalls/program.ts";
import { bytesOf } from "../../plan/bytes.ts";
import { planDecimal } from "../../plan/plan-decimal.ts";

const STANDARD_ERROR = shown(2, "stderr");

export interface Message {
  /** Empties it. */
  begin(): void;
  /** Adds a text, for people. */
  say(text: string): void;
  /** Adds the NUL-terminated text at an address. */
  add(address: Operand): void;
  /** Adds a number below 2^32. */
  addNumber(value: Slot): void;
  /** Writes the message and ends the process. */
  end(status: number): void;
  /** Writes the subroutines; steps must not run into them. */
  define(): void;
}

/** A message of at most so many bytes. */
export function planMessage(p: ProgramBuilder, most: number): Message {
  const buffer = p.buffer("message", most);
  const [end, size] = [p.slot("message's end"), p.slot("size")];
  const [text, number] = [p.slot("text"), p.slot("number")];
  const [adding, counting] = [
    subroutine(p, "add to the message"),
    subroutine(p, "add a number to the message"),
  ];
  const add = (address: Operand) => {
    set(p, text, address);
    callSubroutine(p, adding);
  };
  return {
    begin: () => set(p, end, addressOf(buffer)),
    add,
    say: (words) => {
      const bytes = bytesOf(words);
      p.control("copy", [end, p.text(bytes), bytes.length]);
      compute(p, end, [end, "+", bytes.length]);
    },
    addNumber: (value) => {
      set(p, number, value);
      callSubroutine(p, counting);
    },
    end: (status) => {
      compute(p, size, [end, "-", addressOf(buffer)]);
      p.call("write", [STANDARD_ERROR, buffer, size], { failure: "continue" });
      exitProcess(p, status);
    },
    define: () => {
      define(p, adding, () => {
        p.control("find", [text, most, 0], { result: size });
        p.control("copy", [end, text, size]);
        compute(p, end, [end, "+", size]);
      });
      define(p, counting, () => add(planDecimal(p, number).text));
    },
  };
}

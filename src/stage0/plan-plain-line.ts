/**
 * Finds out whether the line is one that stage 0 can launch (FORM): no option
 * but `-v . .`, and nothing to decide. Whatever is not clear is Bun's.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  set,
  store,
  subroutine,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label } from "../../syscalls/program.ts";
import { FORM, handedOver } from "./handover.ts";
import type { Vectors } from "./plan-vectors.ts";

/** Leaves form and command's index in the handover; both stay 0 where the line has no form. */
export function planPlainLine(p: ProgramBuilder, vectors: Vectors): void {
  p.part("see whether the line is a plain one", () => {
    const no = p.label("Bun reads the line");
    const text = p.slot("what must be 0");
    const words = planWords(p, vectors, no);
    const [form, here] = [p.slot("form"), p.label("-v . .")];
    const [action, command] = [p.label("run"), p.label("command")];
    load(p, text, 8, [handedOver("traceable"), 0]);
    jumpIf(p, [text, "!=", 0], no);
    set(p, form, FORM.plain);
    words.next();
    words.whenIs("-v", here);
    p.place(action);
    words.whenIsNot("run", no);
    words.next();
    jumpIf(p, [form, "==", FORM.here], command);
    words.whenIsNot("-v", command);
    planHere(words, no);
    set(p, form, FORM.here);
    words.next();
    jump(p, command);
    p.place(here);
    planHere(words, no);
    set(p, form, FORM.here);
    words.next();
    jump(p, action);
    p.place(command);
    const found = p.label("command is found");
    load(p, text, 1, [words.address, 0]);
    jumpIf(p, [text, "!=", shown(numberOf("-"), "'-'")], found);
    words.whenIsNot("--", no);
    words.next();
    p.place(found);
    store(p, 8, [handedOver("commandIndex"), 0], words.index);
    store(p, 8, [handedOver("form"), 0], form);
    jump(p, no);
    words.define();
    p.place(no);
  });
}

type Words = ReturnType<typeof planWords>;

/** Both words behind `-v` are a dot. */
function planHere(words: Words, no: Label): void {
  for (let word = 0; word < 2; word++) {
    words.next();
    words.whenIsNot(".", no);
  }
}

/** The words of the line one after another; `no` is where it ends too early. */
function planWords(p: ProgramBuilder, { argv }: Vectors, no: Label) {
  const [index, address] = [p.slot("word's index"), p.slot("word's address")];
  const [offset, text] = [p.slot("word's offset"), p.slot("start of the word")];
  const next = subroutine(p, "next word");
  set(p, index, 0);
  load(p, address, 8, [argv, 0]);
  jumpIf(p, [address, "==", 0], no);
  // At least eight bytes follow the last word on the stack: AT_EXECFN's, and a NULL.
  const compare = (word: string, comparison: "==" | "!=", to: Label) => {
    const bytes = `${word}\0`;
    const mask = 2 ** (8 * bytes.length) - 1;
    load(p, text, 8, [address, 0]);
    compute(p, text, [text, "&", shown(mask, `${bytes.length} bytes`)]);
    jumpIf(p, [text, comparison, shown(numberOf(bytes), `"${word}"`)], to);
  };
  return {
    index,
    address,
    next: () => callSubroutine(p, next),
    whenIs: (word: string, to: Label) => compare(word, "==", to),
    whenIsNot: (word: string, to: Label) => compare(word, "!=", to),
    define: () =>
      define(p, next, () => {
        compute(p, index, [index, "+", 1]);
        compute(p, offset, [index, "<<", 3]);
        load(p, address, 8, [argv, offset]);
        jumpIf(p, [address, "==", 0], no);
      }),
  };
}

/** The bytes as a little-endian number. */
function numberOf(text: string): number {
  return Buffer.from(text, "latin1").readUIntLE(0, text.length);
}

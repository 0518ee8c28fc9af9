/** Finds out whether the line is a plain one, which stage 0 can launch: no option, and nothing to decide. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { jumpIf, load, set, store } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import { handedOver } from "./handover.ts";
import type { Vectors } from "./plan-vectors.ts";

/** `run COMMAND`, COMMAND without a dash, or `run -- COMMAND`. */
export function planPlainLine(p: ProgramBuilder, vectors: Vectors): void {
  p.part("see whether the line is a plain one", () => {
    const no = p.label("not a plain line");
    const [word, text] = [p.slot("word's address"), p.slot("word's text")];
    const [index, traceable] = [p.slot("command's index"), p.slot("traceable")];
    const plain = p.label("a plain line");
    load(p, traceable, 8, [handedOver("traceable"), 0]);
    jumpIf(p, [traceable, "!=", 0], no);
    const argument = (number: number) => {
      load(p, word, 8, [vectors.argv, 8 * number]);
      jumpIf(p, [word, "==", 0], no);
    };
    load(p, word, 8, [vectors.argv, 0]);
    jumpIf(p, [word, "==", 0], no);
    argument(1);
    load(p, text, 4, [word, 0]);
    jumpIf(p, [text, "!=", shown(wordOf("run\0"), '"run"')], no);
    argument(2);
    set(p, index, 2);
    load(p, text, 1, [word, 0]);
    jumpIf(p, [text, "!=", shown(wordOf("-"), "'-'")], plain);
    // Bytes behind the end of a word are never read: it has at least these two.
    load(p, text, 2, [word, 0]);
    jumpIf(p, [text, "!=", shown(wordOf("--"), '"--"')], no);
    load(p, text, 1, [word, 2]);
    jumpIf(p, [text, "!=", 0], no);
    argument(3);
    set(p, index, 3);
    p.place(plain);
    store(p, 8, [handedOver("commandIndex"), 0], index);
    p.place(no);
  });
}

/** The bytes as a little-endian number. */
function wordOf(text: string): number {
  return Buffer.from(text, "latin1").readUIntLE(0, text.length);
}

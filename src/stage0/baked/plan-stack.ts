/**
 * Arguments and environment of a baked file's command, put together as the
 * kernel would have put them on the stack: the words that were baked in, then
 * the caller's own; the caller's variables, then those that were set. The
 * launch finds them through the handover, as if they had been so from the start.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { flag, NULL } from "../../../syscalls/calls/operands.ts";
import { MAP, PROT } from "../../../syscalls/constants/memory.table.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../../syscalls/control.ts";
import { union } from "../../../syscalls/flags.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../../syscalls/program.ts";
import { resolveEnvironment } from "../../plan/environment.ts";
import type { Request } from "../../plan/request.ts";
import { handedOver } from "../handover.ts";
import type { Vectors } from "../plan-vectors.ts";
import { refusing } from "../refusal.ts";

const READ_WRITE = flag("PROT", union(PROT.READ, PROT.WRITE));
const PRIVATE_ANONYMOUS = flag("MAP", union(MAP.PRIVATE, MAP.ANONYMOUS));
const EQUALS = shown(0x3d, "'='");

export function planStack(
  p: ProgramBuilder,
  vectors: Vectors,
  { command, environment }: Request,
): void {
  refusing(p, "put arguments and environment together", () => {
    const added = resolveEnvironment(environment, []).entries.flatMap(
      (entry) => (entry.kind === "set" ? [entry.text] : []),
    );
    const [stack, count] = [p.slot("caller's stack"), p.slot("caller's argc")];
    const [size, at] = [p.slot("size"), p.slot("place")];
    load(p, stack, 8, [handedOver("stack"), 0]);
    load(p, count, 8, [stack, 0]);
    // Its own name is not an argument of the command's; there may be none.
    when(p, [count, "!=", 0], () => compute(p, count, [count, "-", 1]));
    compute(p, size, [vectors.auxiliary, "-", vectors.argv]);
    const more = 8 * (1 + command.length + added.length + 1);
    compute(p, size, [size, "+", more]);
    const memory = p.call(
      "mmap",
      [NULL, size, READ_WRITE, PRIVATE_ANONYMOUS, shown(-1, "-1"), 0],
      { result: "memory" },
    );
    const words = p.slot("number of words");
    compute(p, words, [count, "+", command.length]);
    store(p, 8, [memory, 0], words);
    const baked = pointersTo(p, "{baked words}", command);
    compute(p, at, [memory, "+", 8]);
    p.control("copy", [at, baked, 8 * command.length]);
    compute(p, at, [at, "+", 8 * command.length]);
    const own = p.slot("own arguments");
    compute(p, own, [vectors.argv, "+", 8]);
    compute(p, size, [count, "<<", 3]);
    p.control("copy", [at, own, size]);
    compute(p, at, [at, "+", size]);
    compute(p, at, [at, "+", 8]);
    if (environment.length === 0) {
      compute(p, size, [vectors.auxiliary, "-", vectors.environment]);
      p.control("copy", [at, vectors.environment, size]);
    } else {
      planKept(p, vectors.environment, {
        to: at,
        changed: namesOf(environment),
      });
      const variables = pointersTo(p, "{variables}", added);
      p.control("copy", [at, variables, 8 * added.length]);
    }
    store(p, 8, [handedOver("stack"), 0], memory);
  });
}

/** Copies the pointers to all variables but those of the names; `to` is behind the last in the end. */
function planKept(
  p: ProgramBuilder,
  environment: Slot,
  { to, changed }: { to: Slot; changed: readonly string[] },
): void {
  const names = pointersTo(p, "{changed names}", [...changed]);
  const [from, variable] = [p.slot("from"), p.slot("variable")];
  const [row, name] = [p.slot("row of names"), p.slot("name")];
  set(p, from, environment);
  loop(p, "variables", (leave, again) => {
    load(p, variable, 8, [from, 0]);
    jumpIf(p, [variable, "==", 0], leave);
    compute(p, from, [from, "+", 8]);
    set(p, row, names);
    loop(p, "names", (kept) => {
      load(p, name, 8, [row, 0]);
      jumpIf(p, [name, "==", 0], kept);
      compute(p, row, [row, "+", 8]);
      planSame(p, { variable, name }, again);
    });
    store(p, 8, [to, 0], variable);
    compute(p, to, [to, "+", 8]);
  });
}

/** Goes on at `same` if the variable has the name. Byte by byte: nothing is read behind its end. */
function planSame(
  p: ProgramBuilder,
  { variable, name }: { variable: Slot; name: Slot },
  same: Label,
): void {
  const [index, byte, wanted] = [
    p.slot("index"),
    p.slot("byte"),
    p.slot("wanted"),
  ];
  const other = p.label("another name");
  set(p, index, 0);
  loop(p, "bytes", (leave) => {
    load(p, byte, 1, [variable, index]);
    load(p, wanted, 1, [name, index]);
    jumpIf(p, [wanted, "==", 0], leave);
    jumpIf(p, [byte, "!=", wanted], other);
    compute(p, index, [index, "+", 1]);
  });
  jumpIf(p, [byte, "==", EQUALS], same);
  jumpIf(p, [byte, "==", 0], same);
  p.place(other);
}

function namesOf(changes: Request["environment"]): readonly string[] {
  return [...new Set(changes.map(({ name }) => name))];
}

/** An array of pointers to the texts, with a NULL behind. */
function pointersTo(
  p: ProgramBuilder,
  name: string,
  texts: readonly string[],
): Data {
  const pointers = texts.map((text, index) => ({
    at: 8 * index,
    to: p.text(text),
  }));
  return p.constant(name, new Uint8Array(8 * (texts.length + 1)), pointers);
}

/**
 * `--env`, `--unset-env`: a new array of pointers to the caller's variables but
 * those that are named, and behind them the new ones. As src/plan/environment.ts
 * has it; a name that is given twice is Bun's.
 */

import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Address, Slot } from "../../syscalls/program.ts";
import { MOST, ORDER_ROOM } from "./order-room.ts";
import { ordered } from "./order-table.ts";
import type { Line, OptionPlan } from "./plan-line.ts";
import type { Vectors } from "./plan-vectors.ts";

/** A change: the name and its length, and the value or 0. */
const ROW = { name: 0, length: 8, value: 16, size: 24 } as const;
/** No variable is longer: MAX_ARG_STRLEN. */
const WORD_MAX = 131_072;
const EQUALS = shown(0x3d, "'='");

export function planEnvironment(
  line: Line,
  { environment }: Vectors,
): {
  readonly options: readonly OptionPlan[];
  /** When all are known. */
  finish(): void;
  define(): void;
} {
  const { p } = line;
  const changes = p.buffer(
    "changes of the environment",
    ROW.size * MOST.changes,
  );
  const end = p.slot("end of the changes");
  const search = planSearch(line, addressOf(changes), end);
  set(p, end, changes);
  const options = planOptions(line, {
    search,
    end,
    most: addressOf(changes, changes.size),
  });
  const finish = () => {
    store(p, 8, [ordered("environment"), 0], environment);
    when(p, [end, "!=", changes], () => {
      const to = p.slot("end of the variables");
      set(p, to, ORDER_ROOM.variables);
      planKept(line, { environment, to, search });
      planAdded(line, { first: addressOf(changes), end, to });
      store(p, 8, [to, 0], 0);
      store(p, 8, [ordered("environment"), 0], ORDER_ROOM.variables);
    });
  };
  return { options, finish, define: () => search.define() };
}

/** What adds to the changes. */
function planOptions(
  { p, words, no }: Line,
  { search, end, most }: { search: Search; end: Slot; most: Address },
): readonly OptionPlan[] {
  const nameIt = () => {
    jumpIf(p, [end, "==", most], no);
    words.nextValue();
    set(p, search.name, words.address);
    p.control("find", [search.name, WORD_MAX, 0], { result: search.length });
    jumpIf(p, [search.length, "==", 0], no);
    const equals = p.slot("place of '='");
    const range = [search.name, search.length, EQUALS];
    p.control("find", range, { result: equals });
    jumpIf(p, [equals, "!=", search.length], no);
    search.call();
    jumpIf(p, [search.found, "!=", 0], no);
    store(p, 8, [end, ROW.name], search.name);
    store(p, 8, [end, ROW.length], search.length);
  };
  const add = () => compute(p, end, [end, "+", ROW.size]);
  const setIt = () => {
    nameIt();
    words.next();
    store(p, 8, [end, ROW.value], words.address);
    add();
  };
  const unsetIt = () => {
    nameIt();
    store(p, 8, [end, ROW.value], 0);
    add();
  };
  return [
    { names: ["--env", "-e"], once: false, plan: setIt },
    { names: ["--unset-env", "-E"], once: false, plan: unsetIt },
  ];
}

interface Search {
  readonly name: Slot;
  readonly length: Slot;
  /** 1 if there is a change of that name. */
  readonly found: Slot;
  call(): void;
  define(): void;
}

function planSearch({ p }: Line, first: Address, end: Slot): Search {
  const [name, length, found] = [
    p.slot("name to find"),
    p.slot("its length"),
    p.slot("found"),
  ];
  const [row, other, at] = [p.slot("row"), p.slot("other"), p.slot("at")];
  const [a, b] = [p.slot("byte"), p.slot("other byte")];
  const search = subroutine(p, "find a change");
  const body = () => {
    const missing = p.label("no such change");
    set(p, found, 0);
    set(p, row, first);
    loop(p, "changes", (_leave, again) => {
      const next = p.label("next change");
      jumpIf(p, [row, "==", end], missing);
      load(p, other, 8, [row, ROW.length]);
      jumpIf(p, [other, "!=", length], next);
      load(p, other, 8, [row, ROW.name]);
      set(p, at, 0);
      loop(p, "bytes", (same) => {
        jumpIf(p, [at, "==", length], same);
        load(p, a, 1, [name, at]);
        load(p, b, 1, [other, at]);
        jumpIf(p, [a, "!=", b], next);
        compute(p, at, [at, "+", 1]);
      });
      set(p, found, 1);
      jump(p, missing);
      p.place(next);
      compute(p, row, [row, "+", ROW.size]);
      jump(p, again);
    });
    p.place(missing);
  };
  return {
    name,
    length,
    found,
    call: () => callSubroutine(p, search),
    define: () => define(p, search, body),
  };
}

/** The caller's variables that are not named. */
function planKept(
  { p, no }: Line,
  { environment, to, search }: { environment: Slot; to: Slot; search: Search },
): void {
  const from = p.slot("caller's variable");
  const most = (ORDER_ROOM.variables.value as number) + 8 * MOST.variables;
  set(p, from, environment);
  loop(p, "variables", (leave, again) => {
    load(p, search.name, 8, [from, 0]);
    jumpIf(p, [search.name, "==", 0], leave);
    compute(p, from, [from, "+", 8]);
    p.control("find", [search.name, WORD_MAX, 0], { result: search.length });
    p.control("find", [search.name, search.length, EQUALS], {
      result: search.length,
    });
    search.call();
    jumpIf(p, [search.found, "!=", 0], again);
    jumpIf(p, [to, "==", most - 8 * MOST.changes], no);
    store(p, 8, [to, 0], search.name);
    compute(p, to, [to, "+", 8]);
  });
}

/** The new ones, as texts. */
function planAdded(
  { p, no }: Line,
  { first, end, to }: { first: Address; end: Slot; to: Slot },
): void {
  const [row, name, value] = [p.slot("row"), p.slot("name"), p.slot("value")];
  const [length, text, left] = [
    p.slot("length"),
    p.slot("text"),
    p.slot("room that is left"),
  ];
  set(p, text, ORDER_ROOM.texts);
  set(p, row, first);
  loop(p, "new variables", (leave, again) => {
    const room = p.label("there is room");
    jumpIf(p, [row, "==", end], leave);
    load(p, name, 8, [row, ROW.name]);
    load(p, length, 8, [row, ROW.length]);
    load(p, value, 8, [row, ROW.value]);
    compute(p, row, [row, "+", ROW.size]);
    jumpIf(p, [value, "==", 0], again);
    store(p, 8, [to, 0], text);
    compute(p, to, [to, "+", 8]);
    const copy = (from: Slot) => {
      const fits = p.label("fits");
      compute(p, left, [ORDER_ROOM.textsEnd, "-", text]);
      jumpIf(p, [length, "below", left], fits);
      jump(p, no);
      p.place(fits);
      p.control("copy", [text, from, length]);
      compute(p, text, [text, "+", length]);
    };
    copy(name);
    store(p, 1, [text, 0], EQUALS);
    compute(p, text, [text, "+", 1]);
    p.control("find", [value, WORD_MAX, 0], { result: length });
    compute(p, length, [length, "+", 1]);
    jumpIf(p, [length, "below", WORD_MAX], room);
    jump(p, no);
    p.place(room);
    copy(value);
  });
}

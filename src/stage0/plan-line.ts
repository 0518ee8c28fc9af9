/**
 * Reads a line of ordinary options and fills the table of a ready-made launch
 * from it (order-table.ts). Security model: only convenience. Whatever is not
 * clear is Bun's, which reads the line anew; what is clear means the same to both
 * (test/unit/stage0/line.test.ts), and nothing is looked up: words become
 * pointers, and the launch opens what they name with the caller's own ids.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { handedOver } from "./handover.ts";
import { ORDER_ROOM } from "./order-room.ts";
import { ORDER, ordered } from "./order-table.ts";
import { planEnvironment } from "./plan-line-environment.ts";
import { planDescriptorList } from "./plan-line-descriptors.ts";
import { planLineMounts } from "./plan-line-mounts.ts";
import { planNames } from "./plan-line-names.ts";
import type { Vectors } from "./plan-vectors.ts";
import { planWords } from "./plan-words.ts";
import type { Words } from "./plan-words.ts";

/** What the rooms of the line share. */
export interface Line {
  readonly p: ProgramBuilder;
  readonly words: Words;
  /** Where it goes on with a line that is not clear. */
  readonly no: Label;
}

/** A thing to ask about the process before the launch is played. */
export interface LineQuestions {
  /** Not 0 if the caller's directory is mounted at its own path. */
  readonly here: Slot;
}

/** How an option is spelled, and what stage 0 does about it. */
export interface OptionPlan {
  readonly names: readonly string[];
  /** It may be given once. */
  readonly once: boolean;
  readonly plan: () => void;
}

const SLASH = 0x2f;

/** Leaves 1 in `handover.ordered` if the table says what the line does. */
export function planLine(p: ProgramBuilder, vectors: Vectors): LineQuestions {
  return p.part("see whether the line has ordinary options", () => {
    const no = p.label("Bun reads the line");
    const [traceable, here] = [p.slot("traceable"), p.slot("-v . .")];
    load(p, traceable, 8, [handedOver("traceable"), 0]);
    jumpIf(p, [traceable, "!=", 0], no);
    planDefaults(p);
    const line = { p, no, words: planWords(p, vectors.argv, no) };
    const rooms = {
      environment: planEnvironment(line, vectors),
      descriptors: planDescriptorList(line),
      mounts: planLineMounts(line, here),
      names: planNames(line),
    };
    planOptions(line, [
      ...rooms.mounts.options,
      ...rooms.environment.options,
      ...rooms.descriptors.options,
      ...rooms.names.options,
      ...ownOptions(line),
    ]);
    store(p, 8, [ordered("command"), 0], line.words.pointer);
    planKeptRoot(p);
    rooms.environment.finish();
    rooms.descriptors.finish();
    store(p, 8, [handedOver("ordered"), 0], 1);
    jump(p, no);
    for (const room of [rooms.environment, rooms.mounts, rooms.names])
      room.define();
    line.words.define();
    p.place(no);
    return { here };
  });
}

/** The order of a line without options. */
function planDefaults(p: ProgramBuilder): void {
  const { kept, mounts } = ORDER_ROOM;
  const values = {
    resolver: 1,
    tmp: 1,
    kept: kept.value,
    keptEnd: kept.value,
    mounts: mounts.value,
    mountsEnd: mounts.value,
  };
  const at = ORDER.fields.rootfs.offset;
  const plain = p.constant("{no options}", encodeStruct(ORDER, values), [
    { at, to: p.text("/") },
  ]);
  p.control("copy", [ordered("command"), plain, ORDER.size]);
}

/** Passes over the words up to the COMMAND. */
function planOptions(
  { p, words, no }: Line,
  options: readonly OptionPlan[],
): void {
  const [action, seen, bit] = [
    p.slot("run or build"),
    p.slot("options that were seen"),
    p.slot("was seen"),
  ];
  const named = (name: string, to: Label) => words.whenName(name, to);
  loop(p, "words", (command, again) => {
    const [option, word, run, build] = [
      p.label("an option"),
      p.label("a word"),
      p.label("run"),
      p.label("build"),
    ];
    words.next();
    jumpIf(p, [words.first, "==", shown(0x2d, "'-'")], option);
    p.place(word);
    jumpIf(p, [action, "!=", 0], command);
    words.readName();
    named("run", run);
    named("build", build);
    jump(p, no);
    p.place(build);
    store(p, 8, [ordered("writable"), 0], 1);
    p.place(run);
    set(p, action, 1);
    jump(p, again);
    p.place(option);
    words.readName();
    const last = p.label("--");
    named("--", last);
    const labels = options.map(({ names }) => {
      const label = p.label(names[0]!);
      for (const name of names) named(name, label);
      return label;
    });
    jump(p, no);
    p.place(last);
    jumpIf(p, [action, "==", 0], no);
    words.next();
    jump(p, command);
    options.forEach(({ once, plan }, index) => {
      p.place(labels[index]!);
      const mask = shown(2 ** index, labels[index]!.name);
      if (once) {
        compute(p, bit, [seen, "&", mask]);
        jumpIf(p, [bit, "!=", 0], no);
        compute(p, seen, [seen, "|", mask]);
      }
      plan();
      jump(p, again);
    });
  });
}

/** Those that need a step or two. */
function ownOptions({ p, words, no }: Line): readonly OptionPlan[] {
  const flag = (field: "init" | "rootless"): OptionPlan => ({
    names: [`--${field}`],
    once: true,
    plan: () => store(p, 8, [ordered(field), 0], 1),
  });
  const cd = () => {
    const absolute = p.label("absolute");
    words.nextValue();
    jumpIf(p, [words.first, "==", SLASH], absolute);
    jump(p, no);
    p.place(absolute);
    store(p, 8, [ordered("directory"), 0], words.address);
    store(p, 8, [ordered("changesDirectory"), 0], 1);
  };
  const rootfs = () => {
    words.nextValue();
    jumpIf(p, [words.first, "==", 0], no);
    store(p, 8, [ordered("rootfs"), 0], words.address);
  };
  const net = () => {
    const [none, host] = [p.label("none"), p.label("host")];
    words.nextValue();
    words.readName();
    words.whenName("none", none);
    words.whenName("host", host);
    jump(p, no);
    p.place(none);
    store(p, 8, [ordered("noNetwork"), 0], 1);
    store(p, 8, [ordered("resolver"), 0], 0);
    p.place(host);
  };
  return [
    flag("init"),
    flag("rootless"),
    { names: ["--cd", "-C"], once: true, plan: cd },
    { names: ["--rootfs", "-r"], once: true, plan: rootfs },
    { names: ["--net"], once: true, plan: net },
  ];
}

/** `build` in another root than `/`. */
function planKeptRoot(p: ProgramBuilder): void {
  const [writable, rootfs, start] = [
    p.slot("writable"),
    p.slot("rootfs"),
    p.slot("start of the rootfs"),
  ];
  load(p, writable, 8, [ordered("writable"), 0]);
  when(p, [writable, "!=", 0], () => {
    load(p, rootfs, 8, [ordered("rootfs"), 0]);
    load(p, start, 2, [rootfs, 0]);
    when(p, [start, "!=", SLASH], () =>
      store(p, 8, [ordered("keepsRoot"), 0], 1),
    );
  });
}

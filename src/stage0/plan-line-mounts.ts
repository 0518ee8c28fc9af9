/**
 * `--map`, `--vol`, `--tmpfs`, `--hide`: a row of the table for each. A target
 * that is spelled oddly is Bun's, since it might be the root.
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
import { shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import {
  DEFAULT_TMPFS_INODES,
  DEFAULT_TMPFS_MODE,
  DEFAULT_TMPFS_SIZE,
} from "../plan/request.ts";
import { RESOLVER, tmpfsTexts } from "../plan/wanted.ts";
import { handedOver } from "./handover.ts";
import { planDecimalDigit } from "./plan-digit.ts";
import { MOST, ORDER_ROOM } from "./order-room.ts";
import { MOUNT_KIND, MOUNT_ROW, ordered } from "./order-table.ts";
import type { Line, OptionPlan } from "./plan-line.ts";

const SLASH = shown(0x2f, "'/'");
const DOT = shown(0x2e, "'.'");
const PATH_MAX = 4096;
const TMP = "/tmp";

interface Room {
  readonly line: Line;
  /** The path to look at, and its length. */
  readonly path: Slot;
  readonly length: Slot;
  /** The row to fill. */
  readonly row: Slot;
  /** Goes to `no` unless `path` is absolute, not the root, and plainly spelled. */
  check(): void;
}

export function planLineMounts(
  line: Line,
  here: Slot,
): { readonly options: readonly OptionPlan[]; define(): void } {
  const { p, words, no } = line;
  const subroutines = { check: subroutine(p, "check a path") };
  const room: Room = {
    line,
    path: p.slot("path"),
    length: p.slot("length of the path"),
    row: p.slot("row"),
    check: () => callSubroutine(p, subroutines.check),
  };
  const bind = (kind: "map" | "vol") => () =>
    planRow(room, kind, () => {
      words.nextValue();
      jumpIf(p, [words.first, "==", 0], no);
      put(room, "source", words.address);
      words.nextValue();
      planBindTarget(room, here);
    });
  const tmpfs = () =>
    planRow(room, "tmpfs", () => {
      planSize(room);
      words.nextValue();
      planTarget(room, true);
    });
  const hide = () =>
    planRow(room, "hide", () => {
      words.nextValue();
      planTarget(room, false);
      store(p, 8, [ordered("hides"), 0], 1);
    });
  return {
    options: [
      { names: ["--map", "-m"], once: false, plan: bind("map") },
      { names: ["--vol", "-v"], once: false, plan: bind("vol") },
      { names: ["--tmpfs", "-t"], once: false, plan: tmpfs },
      { names: ["--hide"], once: false, plan: hide },
    ],
    define: () => define(p, subroutines.check, () => planCheck(room)),
  };
}

function put(
  { line: { p }, row }: Room,
  field: keyof typeof MOUNT_ROW.fields,
  value: Operand,
): void {
  store(p, 8, [row, MOUNT_ROW.fields[field].offset], value);
}

/** One more row, if there is room. */
function planRow(
  room: Room,
  kind: keyof typeof MOUNT_KIND,
  body: () => void,
): void {
  const { line, row } = room;
  const { p, no } = line;
  const most =
    (ORDER_ROOM.mounts.value as number) + MOUNT_ROW.size * MOST.mounts;
  load(p, row, 8, [ordered("mountsEnd"), 0]);
  jumpIf(p, [row, "==", most], no);
  put(room, "kind", shown(MOUNT_KIND[kind], kind));
  body();
  compute(p, row, [row, "+", MOUNT_ROW.size]);
  store(p, 8, [ordered("mountsEnd"), 0], row);
}

/** The present word, or `.` for the source's own path. */
function planBindTarget(room: Room, here: Slot): void {
  const { line, path, row } = room;
  const { p, words } = line;
  const [own, inside, done] = [
    p.label("own path"),
    p.label("a path inside"),
    p.label("target is known"),
  ];
  planDot(room, words.address, own);
  p.place(inside);
  planTarget(room, true);
  jump(p, done);
  p.place(own);
  const ownDirectory = p.label("own directory");
  load(p, path, 8, [row, MOUNT_ROW.fields.source.offset]);
  planDot(room, path, ownDirectory);
  room.check();
  put(room, "target", path);
  jump(p, done);
  p.place(ownDirectory);
  set(p, here, 1);
  put(room, "target", handedOver("directoryPath"));
  p.place(done);
}

/** Goes to `dot` if the text is `.`. */
function planDot({ line: { p } }: Room, text: Slot, dot: Label): void {
  const start = p.slot("start of the text");
  load(p, start, 2, [text, 0]);
  jumpIf(p, [start, "==", DOT], dot);
}

/** The present word; a filesystem at /tmp or over the host's resolv.conf is instead of ours. */
function planTarget(room: Room, resolves: boolean): void {
  const { line, path } = room;
  const { p, words } = line;
  set(p, path, words.address);
  room.check();
  put(room, "target", path);
  whenSame(room, TMP, () => store(p, 8, [ordered("tmp"), 0], 0));
  if (resolves)
    whenSame(room, RESOLVER, () => store(p, 8, [ordered("resolver"), 0], 0));
}

/** The path has been checked, so its length is known. */
function whenSame(
  { line: { p }, path, length }: Room,
  text: string,
  body: () => void,
): void {
  const [other, word] = [p.label("another"), p.slot("word of the path")];
  jumpIf(p, [length, "!=", text.length], other);
  const bytes = Buffer.from(text, "latin1");
  const width = bytes.length % 8 === 0 ? 8 : 4;
  for (let at = 0; at < bytes.length; at += width) {
    load(p, word, width, [path, at]);
    const value =
      width === 8 ? bytes.readBigUInt64LE(at) : bytes.readUInt32LE(at);
    jumpIf(p, [word, "!=", shown(value, JSON.stringify(text))], other);
  }
  body();
  p.place(other);
}

/** No component is empty, `.`, or begins with `..`. */
function planCheck({ line: { p, no }, path, length }: Room): void {
  const [at, byte, left] = [p.slot("at"), p.slot("byte"), p.slot("left")];
  const [size, checked] = [p.slot("length of the component"), p.label("plain")];
  load(p, byte, 1, [path, 0]);
  jumpIf(p, [byte, "!=", SLASH], no);
  p.control("find", [path, PATH_MAX, 0], { result: length });
  jumpIf(p, [length, "==", PATH_MAX], no);
  set(p, at, path);
  set(p, left, length);
  loop(p, "components", () => {
    const plain = p.label("no dot");
    compute(p, at, [at, "+", 1]);
    compute(p, left, [left, "-", 1]);
    load(p, byte, 1, [at, 0]);
    for (const odd of [0, SLASH]) jumpIf(p, [byte, "==", odd], no);
    jumpIf(p, [byte, "!=", DOT], plain);
    load(p, byte, 1, [at, 1]);
    for (const odd of [0, SLASH, DOT]) jumpIf(p, [byte, "==", odd], no);
    p.place(plain);
    p.control("find", [at, left, SLASH], { result: size });
    jumpIf(p, [size, "==", left], checked);
    compute(p, at, [at, "+", size]);
    compute(p, left, [left, "-", size]);
  });
  p.place(checked);
}

/** `''`, or `size=` with up to six digits and a unit that the kernel knows, too. */
function planSize(room: Room): void {
  const { line } = room;
  const { p, words, no } = line;
  const texts = tmpfsTexts({
    size: DEFAULT_TMPFS_SIZE,
    inodes: DEFAULT_TMPFS_INODES,
    mode: DEFAULT_TMPFS_MODE,
  });
  put(room, "inodes", p.text(texts.inodes));
  put(room, "mode", p.text(texts.mode));
  put(room, "size", p.text(texts.size));
  words.nextValue();
  when(p, [words.first, "!=", 0], () => {
    const [start, text] = [p.slot("start of the options"), p.slot("size")];
    // At least eight bytes follow the last word on the stack: AT_EXECFN's, and a NULL.
    const key = "size=";
    const mask = shown(2 ** (8 * key.length) - 1, `${key.length} bytes`);
    load(p, start, 8, [words.address, 0]);
    compute(p, start, [start, "&", mask]);
    const value = Buffer.from(key).readUIntLE(0, key.length);
    jumpIf(p, [start, "!=", shown(value, JSON.stringify(key))], no);
    compute(p, text, [words.address, "+", key.length]);
    put(room, "size", text);
    planSizeDigits(line, text);
  });
}

const MOST_DIGITS = 6;
const UNITS = [..."kmgKMG"].map((unit) => unit.charCodeAt(0));

function planSizeDigits({ p, no }: Line, text: Slot): void {
  const [at, byte, digit] = [p.slot("at"), p.slot("byte"), p.slot("digit")];
  const [unit, ended] = [p.label("a unit"), p.label("end of the size")];
  set(p, at, 0);
  loop(p, "digits", (leave) => {
    load(p, byte, 1, [text, at]);
    jumpIf(p, [byte, "==", 0], leave);
    planDecimalDigit(p, [byte, unit], digit);
    jumpIf(p, [at, "==", MOST_DIGITS], no);
    compute(p, at, [at, "+", 1]);
  });
  jump(p, ended);
  p.place(unit);
  const known = p.label("a known unit");
  for (const each of UNITS) jumpIf(p, [byte, "==", each], known);
  jump(p, no);
  p.place(known);
  compute(p, digit, [at, "+", 1]);
  load(p, byte, 1, [text, digit]);
  jumpIf(p, [byte, "!=", 0], no);
  p.place(ended);
  jumpIf(p, [at, "==", 0], no);
  load(p, byte, 1, [text, 0]);
  jumpIf(p, [byte, "==", shown(0x30, "'0'")], no);
}

/** The words of the line, one after another, and what stage 0 can tell of one. */

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
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";

/** Longer than any option's name, with its NUL. */
const NAME_SIZE = 16;
const DASH = shown(0x2d, "'-'");

export interface Words {
  /** The address of the present word, and that of the pointer to it. */
  readonly address: Slot;
  readonly pointer: Slot;
  /** Its first byte. */
  readonly first: Slot;
  /** Goes on to the next word, or to `no` at the end. */
  next(): void;
  /** The same, for a value: one that begins with a dash is not clear. */
  nextValue(): void;
  /** Reads the present word as a name, for `whenName`. */
  readName(): void;
  whenName(name: string, to: Label): void;
  /** Writes the subroutines; steps must not run into them. */
  define(): void;
}

/** `no` is where a line ends too early. */
export function planWords(p: ProgramBuilder, argv: Slot, no: Label): Words {
  const [pointer, address, first] = [
    p.slot("pointer to the word"),
    p.slot("word"),
    p.slot("first byte of the word"),
  ];
  const name = p.buffer("name", NAME_SIZE);
  const [length, start, rest] = [
    p.slot("length of the name"),
    p.slot("start of the name"),
    p.slot("rest of the name"),
  ];
  const next = subroutine(p, "next word");
  const read = subroutine(p, "read a name");
  set(p, pointer, argv);
  load(p, address, 8, [argv, 0]);
  jumpIf(p, [address, "==", 0], no);
  return {
    address,
    pointer,
    first,
    next: () => callSubroutine(p, next),
    nextValue: () => {
      callSubroutine(p, next);
      jumpIf(p, [first, "==", DASH], no);
    },
    readName: () => callSubroutine(p, read),
    whenName: (text, to) => {
      const bytes = Buffer.alloc(NAME_SIZE);
      bytes.write(text, "latin1");
      const other = p.label("another name");
      const [low, high] = [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
      const label = JSON.stringify(text);
      jumpIf(p, [start, "!=", shown(low, label)], other);
      if (text.length >= 8) jumpIf(p, [rest, "!=", shown(high, label)], other);
      jump(p, to);
      p.place(other);
    },
    define: () => {
      define(p, next, () => {
        compute(p, pointer, [pointer, "+", 8]);
        load(p, address, 8, [pointer, 0]);
        jumpIf(p, [address, "==", 0], no);
        load(p, first, 1, [address, 0]);
      });
      define(p, read, () => {
        p.control("find", [address, NAME_SIZE, 0], { result: length });
        for (const at of [0, 8]) store(p, 8, [addressOf(name), at], 0);
        p.control("copy", [name, address, length]);
        load(p, start, 8, [addressOf(name), 0]);
        load(p, rest, 8, [addressOf(name), 8]);
      });
    },
  };
}

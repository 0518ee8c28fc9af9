/** The three streams of a command: what it gets, and what stays here. */

import { closeSync } from "node:fs";
import { usageError } from "../commands/usage-error.ts";
import {
  duplicate,
  makeInputPipe,
  makeOutputPipe,
  nullDevice,
} from "../launch/make-pipe.ts";
import { requireOpen } from "./require-open.ts";

/** What one stream may be. */
export type Kind = "pipe" | "ignore" | "inherit" | number;
/** Standard input, output and error. */
export type Kinds = readonly [Kind, Kind, Kind];

/** The descriptors of an order, and our own ends of the pipes among them (null where there is none). */
export interface Streams {
  readonly given: readonly [number, number, number];
  readonly own: readonly [number | null, number | null, number | null];
  /** Closes what only the command needs: once it was handed over. */
  closeGiven(): void;
  /** Closes all: nothing was started. */
  closeAll(): void;
}

const NAMES = ["stdin", "stdout", "stderr"] as const;
const LARGEST = 2 ** 31 - 1;

/** Opens them. */
export function openStreams(kinds: Kinds): Streams {
  const ends: number[] = [];
  const ours: (number | null)[] = [];
  const closeGiven = (): void => {
    for (const end of ends) closeSync(end);
    ends.length = 0;
  };
  const closeAll = (): void => {
    closeGiven();
    for (const end of ours) if (end !== null) closeSync(end);
  };
  const open = (kind: Kind, at: number): number => {
    if (kind !== "pipe") {
      ours.push(null);
      return fixed(kind, at);
    }
    const { read, write } = at === 0 ? makeInputPipe() : makeOutputPipe();
    ends.push(at === 0 ? read : write);
    ours.push(at === 0 ? write : read);
    return at === 0 ? read : write;
  };
  try {
    const given = kinds.map(open) as [number, number, number];
    const own = ours as [number | null, number | null, number | null];
    return { given, own, closeGiven, closeAll };
  } catch (error) {
    closeAll();
    throw error;
  }
}

/** What a program has given by its numbers, under numbers of our own: it may close its own meanwhile. */
export interface Held {
  readonly kinds: Kinds;
  readonly kept: readonly number[];
  close(): void;
}

/** Duplicates them. */
export function holdDescriptors(kinds: Kinds, kept: readonly number[]): Held {
  const copies: number[] = [];
  const close = (): void => {
    for (const copy of copies) closeSync(copy);
  };
  const copy = (descriptor: number): number => {
    copies.push(duplicate(descriptor));
    return copies.at(-1)!;
  };
  const hold = (kind: Kind, at: number): Kind =>
    typeof kind === "number" ? copy(fixed(kind, at)) : kind;
  try {
    const held = kinds.map(hold) as [Kind, Kind, Kind];
    return { kinds: held, kept: kept.map(copy), close };
  } catch (error) {
    close();
    throw error;
  }
}

function fixed(kind: Exclude<Kind, "pipe">, at: number): number {
  if (kind === "ignore") return nullDevice();
  if (kind === "inherit") return at;
  if (Number.isInteger(kind) && kind >= 0 && kind <= LARGEST) {
    const message = `Cannot use descriptor ${kind} as ${NAMES[at]}: it is not open`;
    requireOpen(kind, message);
    return kind;
  }
  throw usageError(
    `Cannot use ${JSON.stringify(kind)} as ${NAMES[at]}: it is neither "pipe", "ignore", "inherit" nor a descriptor`,
    "a descriptor is a number",
  );
}

/** The three streams of a command: what it gets, and what stays here. */

import { closeSync } from "node:fs";
import { usageError } from "../commands/usage-error.ts";
import {
  makeInputPipe,
  makeOutputPipe,
  nullDevice,
} from "../launch/make-pipe.ts";
import { requireOpen } from "./require-open.ts";

/** What one stream may be. */
export type Kind = "pipe" | "ignore" | "inherit" | number;

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
export function openStreams(kinds: readonly [Kind, Kind, Kind]): Streams {
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

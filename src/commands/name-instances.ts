/** Running instances by what their command lines say, and which of them a word means. Pure. */

import { quote, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import type { FoundInstance } from "../launch/probe-instances.ts";
import { parseLine } from "./parse-line.ts";
import { isInstanceName } from "./parse-setting.ts";

/** One, with what it was started as. */
export interface NamedInstance extends FoundInstance {
  readonly name: Bytes | null;
  /** As it was given; null where the line is another selfdock's and not understood, or a spawner's. */
  readonly rootfs: Bytes | null;
  readonly action: "run" | "build" | null;
  readonly command: readonly Bytes[];
}

export function nameInstance(found: FoundInstance): NamedInstance {
  const words = found.argv.slice(1);
  const { called } = found;
  const unknown = {
    // What imitates a spawner says what it likes.
    name: called !== null && isInstanceName(called) ? called : null,
    rootfs: null,
    action: null,
    command: words,
  };
  if (found.asker !== null) return { ...found, ...unknown };
  try {
    const invocation = parseLine(words);
    if (invocation.kind === "launch") {
      const { name, request } = invocation;
      const { rootfs, action, command } = request;
      return { ...found, name, rootfs, action, command };
    }
  } catch (error) {
    if (!(error instanceof SelfdockError)) throw error;
  }
  return { ...found, ...unknown };
}

/** The instances that the words mean, each once. */
export function findInstances(
  words: readonly Bytes[],
  instances: readonly NamedInstance[],
): readonly NamedInstance[] {
  return [...new Set(words.map((word) => findInstance(word, instances)))];
}

function findInstance(
  word: Bytes,
  instances: readonly NamedInstance[],
): NamedInstance {
  const number = /^[1-9][0-9]*$/.test(word) ? Number(word) : null;
  const found = instances.filter((instance) =>
    number === null
      ? instance.name === word
      : instance.pid === number || instance.members.includes(number),
  );
  const [one] = found;
  if (one !== undefined && found.every(({ pid }) => pid === one.pid))
    return one;
  throw one === undefined ? missing(word, number) : ambiguous(word, found);
}

function missing(word: Bytes, number: number | null): SelfdockError {
  const state =
    number === null
      ? "no instance of yours has that name"
      : "it is no process of an instance of yours";
  return new SelfdockError(
    "usage",
    `Cannot find ${quote(word)}: ${state}`,
    "selfdock ps lists your instances",
  );
}

function ambiguous(
  word: Bytes,
  found: readonly NamedInstance[],
): SelfdockError {
  const pids = found.map(({ pid }) => pid).join(", ");
  return new SelfdockError(
    "usage",
    `Cannot choose between instances called ${quote(word)}: there are ${found.length}`,
    `say which one by its pid: ${pids}`,
  );
}

/** Many commands, some at once. */

import { availableParallelism } from "node:os";
import { usageError } from "../commands/usage-error.ts";
import { SelfdockError } from "../plan/error.ts";
import type {
  BatchOptions,
  BatchResult,
  Command,
  RunOptions,
} from "../selfdock.d.ts";
import type { Fleet } from "./fleet.ts";
import { runCommand } from "./run-command.ts";

type Commands = Iterable<Command> | AsyncIterable<Command>;

/** A result that has not been taken yet, or why there will be no more. */
type Outcome = { readonly value: BatchResult } | { readonly failure: unknown };

const MOST = 100_000;

/** Runs them; the results come as they end. */
export async function* runBatch(
  fleetNow: () => Fleet,
  commands: Commands,
  { concurrency = availableParallelism(), signal, ...options }: BatchOptions,
): AsyncGenerator<BatchResult, void, undefined> {
  let lanes = checkConcurrency(concurrency);
  const most = lanes;
  const fleet = fleetNow();
  const done = fleet.use();
  const stop = new AbortController();
  const both =
    signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const outcomes: Outcome[] = [];
  const [told, taken] = [new Bell(), new Bell()];
  const tell = async (outcome: Outcome): Promise<void> => {
    outcomes.push(outcome);
    told.ring();
    // Who takes the results slowly gets no more of them meanwhile.
    while (outcomes.length > most && !both.aborted) await taken.rings();
  };
  const next = oneAfterAnother(commands);
  const lane = async (): Promise<void> => {
    for (;;) {
      const each = both.aborted ? null : await next.take();
      if (each === null || both.aborted) return;
      const about = { ...options, signal: both };
      await tell(await outcomeOf(fleet, each, about));
    }
  };
  const all = Array.from({ length: lanes }, () =>
    lane()
      .catch((failure: unknown) => outcomes.push({ failure }))
      .finally(() => {
        lanes -= 1;
        told.ring();
      }),
  );
  try {
    for (;;) {
      const outcome = outcomes.shift();
      taken.ring();
      if (outcome === undefined && lanes === 0) break;
      if (outcome === undefined) await told.rings();
      else if ("failure" in outcome) throw outcome.failure;
      else yield outcome.value;
    }
    signal?.throwIfAborted();
  } finally {
    stop.abort();
    taken.ring();
    await next.close();
    await Promise.all(all);
    done();
  }
}

/** A result, or an error of one command; what else is thrown ends all. */
async function outcomeOf(
  fleet: Fleet,
  { index, command }: Numbered,
  options: RunOptions,
): Promise<Outcome> {
  try {
    const result = await runCommand(fleet, command, options);
    return { value: { index, command, result, error: null } };
  } catch (error) {
    if (!(error instanceof SelfdockError)) throw error;
    return { value: { index, command, result: null, error } };
  }
}

/** Something to wait for, again and again. */
class Bell {
  #next = Promise.withResolvers<void>();

  ring(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  rings(): Promise<void> {
    return this.#next.promise;
  }
}

/** A command and its place among the others. */
interface Numbered {
  readonly index: number;
  readonly command: Command;
}

interface Next {
  take(): Promise<Numbered | null>;
  close(): Promise<void>;
}

/** Whoever asks for a command gets the next one, though many ask. */
function oneAfterAnother(commands: Commands): Next {
  const iterator =
    Symbol.asyncIterator in commands
      ? commands[Symbol.asyncIterator]()
      : commands[Symbol.iterator]();
  let index = 0;
  let over = false;
  let last: Promise<unknown> = Promise.resolve();
  const take = async (): ReturnType<Next["take"]> => {
    if (over) return null;
    const next = await iterator.next();
    if (next.done !== true) return { index: index++, command: next.value };
    over = true;
    return null;
  };
  return {
    take() {
      const mine = last.then(take);
      last = mine.catch(() => {
        over = true;
      });
      return mine;
    },
    async close() {
      if (!over) await iterator.return?.();
      over = true;
    },
  };
}

function checkConcurrency(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw usageError(
    `Cannot use ${value} as concurrency: it is no whole number from 1 to ${MOST}`,
    "how many instances run at once",
  );
}

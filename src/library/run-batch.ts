/** Many commands, some at once. */

import { availableParallelism } from "node:os";
import { usageError } from "../commands/usage-error.ts";
import { SelfdockError } from "../plan/error.ts";
import type { BatchOptions, BatchResult, Command } from "../selfdock.d.ts";
import type { Fleet } from "./fleet.ts";
import { runCommand } from "./run-command.ts";

type Commands = Iterable<Command> | AsyncIterable<Command>;

/** A result that has not been taken yet, or why there will be no more. */
type Outcome = { readonly value: BatchResult } | { readonly failure: unknown };

const MOST = 100_000;

/** Runs them; the results come as they end. */
export async function* runBatch(
  fleet: Fleet,
  commands: Commands,
  { concurrency = availableParallelism(), signal, ...options }: BatchOptions,
): AsyncGenerator<BatchResult, void, undefined> {
  const stop = new AbortController();
  const both =
    signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const outcomes: Outcome[] = [];
  let wake = Promise.withResolvers<void>();
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome);
    wake.resolve();
  };
  const next = oneAfterAnother(commands);
  const lane = async (): Promise<void> => {
    for (;;) {
      const each = both.aborted ? null : await next.take();
      if (each === null || both.aborted) return;
      const { index, command } = each;
      try {
        const result = await runCommand(fleet, command, {
          ...options,
          signal: both,
        });
        tell({ value: { index, command, result, error: null } });
      } catch (error) {
        if (!(error instanceof SelfdockError)) throw error;
        tell({ value: { index, command, result: null, error } });
      }
    }
  };
  let lanes = checkConcurrency(concurrency);
  const all = Array.from({ length: lanes }, () =>
    lane()
      .catch((failure: unknown) => {
        if (!stop.signal.aborted) tell({ failure });
      })
      .finally(() => {
        lanes -= 1;
        wake.resolve();
      }),
  );
  try {
    for (;;) {
      for (let each = outcomes.shift(); each; each = outcomes.shift()) {
        if ("failure" in each) throw each.failure;
        yield each.value;
      }
      if (lanes === 0) break;
      await wake.promise;
      wake = Promise.withResolvers();
    }
    signal?.throwIfAborted();
  } finally {
    stop.abort();
    await next.close();
    await Promise.all(all);
  }
}

interface Next {
  take(): Promise<{ index: number; command: Command } | null>;
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

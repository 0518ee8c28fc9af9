/** A command that runs beside the program. */

import { usageError } from "../commands/usage-error.ts";
import { probeSignal } from "../launch/probe-signal.ts";
import type {
  Command,
  Ended,
  Instance,
  Signal,
  SpawnOptions,
  Text,
} from "../selfdock.d.ts";
import { begin } from "./begin.ts";
import { awaitEnding, checkTimeout } from "./ending.ts";
import type { Fleet, Started } from "./fleet.ts";
import { numberSignal, SIGKILL } from "./result.ts";
import { emptyStream, noStream, readEnd, writeEnd } from "./streams.ts";
import type { End } from "./streams.ts";

const SIGTERM = 15;

/** Starts it in a new instance; fulfilled once it is executed. */
export async function spawnCommand(
  fleet: Fleet,
  command: Command,
  options: SpawnOptions,
): Promise<Instance> {
  const {
    signal,
    stdin = "ignore",
    stdout = "pipe",
    stderr = "pipe",
  } = options;
  const argv = fleet.resolve(command);
  checkTimeout(options);
  const { started, own } = await begin(fleet, {
    argv,
    kinds: [stdin, stdout, stderr],
    tellBeginning: true,
    signal,
  });
  const [input, output, errors] = own;
  const ends = {
    stdin: input === null ? noStream() : writeEnd(input),
    stdout: output === null ? emptyStream() : readEnd(output),
    stderr: errors === null ? emptyStream() : readEnd(errors),
  };
  let sent: number | null = null;
  const ended = awaitEnding(started, options, () => sent);
  // Who does not ask how it has ended is not told by a crash either.
  ended.catch(() => {});
  const pid = await started.begun;
  if (pid === null) await refusal(ended, ends);
  const send = (number: number): void => {
    sent = number;
    started.kill();
  };
  return makeInstance({ started, ended, ends, pid: pid ?? 0, send });
}

type Ends = Readonly<{
  stdin: End<WritableStream<Text>>;
  stdout: End<ReadableStream<Uint8Array>>;
  stderr: End<ReadableStream<Uint8Array>>;
}>;

/** There was no command: says why. */
async function refusal(ended: Promise<Ended>, ends: Ends): Promise<void> {
  try {
    await ended;
  } catch (error) {
    for (const end of Object.values(ends)) end.close();
    throw error;
  }
}

interface Parts {
  readonly started: Started;
  readonly ended: Promise<Ended>;
  readonly ends: Ends;
  readonly pid: number;
  /** Kills pid 1 in the place of a signal. */
  readonly send: (instead: number) => void;
}

function makeInstance({ started, ended, ends, pid, send }: Parts): Instance {
  let over = false;
  const settle = (): void => {
    over = true;
    // Nobody reads any more.
    ends.stdin.close();
  };
  ended.then(settle, settle);
  return {
    pid,
    stdin: ends.stdin.stream,
    stdout: ends.stdout.stream,
    stderr: ends.stderr.stream,
    exited: ended,
    kill(signal = SIGTERM) {
      const number = checkSignal(signal);
      if (over) return false;
      if (number === SIGKILL) started.kill();
      else if (probeSignal(pid, number) === "dropped") send(number);
      else started.signal(number);
      return true;
    },
    ref: () => started.refer(true),
    unref: () => started.refer(false),
    async [Symbol.asyncDispose]() {
      if (!over) started.kill();
      await ended.catch(() => {});
      for (const end of Object.values(ends)) end.close();
    },
  };
}

function checkSignal(signal: Signal | number): number {
  const number = numberSignal(signal);
  if (number !== null) return number;
  throw usageError(
    `Cannot send ${JSON.stringify(signal)}: there is no such signal`,
    "SIGTERM, or a number from 1 to 64",
  );
}

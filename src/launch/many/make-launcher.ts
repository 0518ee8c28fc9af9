/**
 * Many instances from one process. The Program of an instance is planned and
 * encoded once; spawners (src/plan/spawner) play it, each for one instance at a
 * time, and are kept for the next. So a launch writes a few words into memory
 * that it shares with a spawner, and sends it a message.
 *
 *     const launcher = makeLauncher(request, facts, kept);
 *     const instance = launcher.start({ argv, environment, stdio, … });
 *     // until instance.descriptor can be read (poll(2), epoll(7)): it has ended
 *     const { error, status, signal, peak } = instance.end();
 *     launcher.free();
 *
 * `start` does not wait. Nothing of this process changes: its signals, limits,
 * directory, umask, dumpable attribute.
 *
 * Security model: rootless only, with the caller's own rights; an instance that
 * nobody asks about any more (this process has ended, in whatever way) is killed.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  createExecutableMemory,
  seal,
} from "../../../syscalls/calls/memory-files.ts";
import { encode, layOut } from "../../../syscalls/encode.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { prepare } from "../../../syscalls/ffi.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import type { Facts } from "../../plan/facts.ts";
import { planInstance } from "../../plan/plan-instance.ts";
import type { Request } from "../../plan/request.ts";
import { spawnerExecutable } from "../../plan/spawner/spawner-executable.ts";
import {
  PLAN_ADDRESS,
  PLAN_SIZE,
  PROGRAM_STATE_ADDRESS,
  SPAWNER_NAME,
} from "../../plan/spawner/spawner-memory.ts";
import { defineCall } from "../define-call.ts";
import { failedCall } from "../failed-call.ts";
import type { KeptState } from "./kept-state.ts";
import { readBegun, readEnding } from "./read-ending.ts";
import type { Ending } from "./read-ending.ts";
import type { EncodedLaunch, Words } from "./shared-memory.ts";
import { askToSignal, askToStart, takeWord } from "./spawner.ts";
import type { Spawner } from "./spawner.ts";
import { SpawnerPool } from "./spawner-pool.ts";
import type { Watch } from "./spawner-pool.ts";
import { makeTurns, returnTurn } from "./turns.ts";

/** One launch. */
export interface Start extends Words {
  /** The caller's directory, where relative sources begin: a descriptor. */
  readonly directoryDescriptor: number;
  /** The command's standard input, output and error. They may be closed as soon as `start` is back. */
  readonly stdio: readonly [number, number, number];
  /** What stands for the request's descriptors to keep, in their order; by default they themselves. */
  readonly keepDescriptors?: readonly number[];
  /** Whether the spawner says when the command has begun: one byte more to read. */
  readonly sayBegun?: boolean;
}

/** What concerns the spawners. */
export interface SpawnerOptions {
  readonly watch: Watch;
  /** What the instances are called, for `ps`; or null. */
  readonly name: Bytes | null;
  /** How many commands there may be at once, of more instances; null: as many as there are instances. */
  readonly turns: number | null;
  /** See Manner. */
  readonly overlaps: boolean;
}

const PLAIN: SpawnerOptions = {
  watch: { begin: () => {}, end: () => {} },
  name: null,
  turns: null,
  overlaps: false,
};

/** One that has been started. */
export interface RunningInstance {
  /** Can be read once it has ended; not before. */
  readonly descriptor: number;
  /** The process id of its pid 1 once it has begun, if `sayBegun` was asked for; null if nothing has. */
  readonly begun: () => number | null;
  /** Sends a signal to its pid 1; nothing happens if it has ended. */
  readonly signal: (number: number) => void;
  /** Kills its spawner, and it with that: for one that no signal ends in time. `end` throws then. */
  readonly abandon: () => void;
  /**
   * How it has ended: to be called once, when the descriptor can be read; it
   * waits for that otherwise. Who reads the descriptor by other means says what
   * was read: true for one byte, false for the end of the file.
   */
  readonly end: (word?: boolean) => Ending;
}

export interface Launcher {
  /** Starts an instance. Throws a SelfdockError if there can be no spawner for it; what else fails, `end` says. */
  readonly start: (start: Start) => RunningInstance;
  /** Ends what still runs, and gives everything back; a second time it does nothing. */
  readonly free: () => void;
}

const closeDescriptor = defineCall("close", ["number"]);

/** Plans the launch. The command is that of each start; so are its variables. */
export function makeLauncher(
  request: Request,
  facts: Facts,
  kept: KeptState,
  options: Partial<SpawnerOptions> = {},
): Launcher {
  const { watch, name, turns, overlaps } = { ...PLAIN, ...options };
  const own = { ...request, environment: [], imageConfig: false };
  const caller = { ...facts.caller, commandIndex: 0 };
  const about = { request: own, facts: { ...facts, caller, spawned: true } };
  const { keepDescriptors } = request;
  const encoded = {
    ...encodeLaunch(planInstance(about.request, about.facts)),
    kept: keepDescriptors.length,
  };
  const counted = turns === null ? null : makeTurns(turns);
  const files = { ...makeFiles(encoded), turns: counted };
  const pool = new SpawnerPool(
    { ...files, encoded, kept, name, overlaps },
    watch,
  );
  let freed = false;
  return {
    start: (start) => {
      refuseNul(start);
      const spawner = ask(pool, { keepDescriptors, ...start });
      return {
        descriptor: spawner.socket,
        begun: () => readBegun(spawner.memory, encoded),
        signal: (number) => {
          if (pool.has(spawner)) askToSignal(spawner, number);
        },
        abandon: () => pool.kill(spawner),
        end: (word) => {
          const fine = word ?? takeWord(spawner);
          const ending = fine
            ? readEnding(spawner.memory, encoded, { ...about, ...start })
            : null;
          if (!fine && counted !== null && spawner.memory.hasTurn)
            returnTurn(counted);
          pool.release(spawner, fine);
          if (ending === null) throw lost();
          return ending;
        },
      };
    },
    free: () => {
      if (freed) return;
      freed = true;
      pool.clear();
      for (const each of Object.values(files))
        if (each !== null) closeDescriptor(each);
    },
  };
}

type WholeStart = Start & Required<Pick<Start, "keepDescriptors">>;

/** Asks a spawner. That somebody has killed an idle one is no reason to fail. */
function ask(pool: SpawnerPool, start: WholeStart): Spawner {
  for (;;) {
    const used = pool.hasIdle;
    const spawner = pool.take();
    const sent = write(pool, spawner, start);
    if (sent >= 0) return spawner;
    pool.release(spawner, false);
    if (!used || sent !== -ERRNO.EPIPE)
      throw failedCall("ask for an instance", -sent);
  }
}

/** Fills the memory, whose spawner is free again if that fails, and sends the message: 0 or more, or a negated errno. */
function write(pool: SpawnerPool, spawner: Spawner, start: WholeStart): number {
  try {
    spawner.memory.write(start);
  } catch (error) {
    pool.release(spawner, true);
    throw error;
  }
  const kind = start.sayBegun === true ? "startAndSay" : "start";
  const { stdio, directoryDescriptor: directory, keepDescriptors } = start;
  const descriptors = [...stdio, directory, ...keepDescriptors] as const;
  return askToStart(spawner, kind, descriptors);
}

/** A NUL would end a word early, and nobody would notice. */
function refuseNul({ argv, environment, workingDirectory }: Start): void {
  if (argv.length === 0)
    throw new SelfdockError("usage", "Cannot run: there is no COMMAND");
  const words = [...argv, workingDirectory ?? "", ...environment];
  if (words.some((word) => word.includes("\0")))
    throw new SelfdockError(
      "usage",
      `Cannot execute ${quote(argv[0]!)}: an argument or a variable has a NUL in it`,
    );
}

function encodeLaunch(
  launch: ReturnType<typeof planInstance>,
): Omit<EncodedLaunch, "kept"> & { readonly bytes: Uint8Array } {
  const layout = layOut(launch.program);
  const constant = new Uint8Array(layout.constantSize);
  const state = new Uint8Array(layout.stateSize);
  const bases = { constant: PLAN_ADDRESS, state: PROGRAM_STATE_ADDRESS };
  encode(layout, bases, { constant, state });
  // All slots, and all buffers that do not begin as zeros.
  const buffers = [...layout.buffers].filter(
    ([{ bytes }]) => bytes.length === 0,
  );
  const imageSize = Math.min(
    layout.stateSize,
    ...buffers.map(([, offset]) => offset),
  );
  const bytes = Buffer.concat([constant, state.subarray(0, imageSize)]);
  if (bytes.length > PLAN_SIZE)
    throw new RangeError(`the launch takes ${bytes.length} bytes`);
  return { launch, layout, imageSize, bytes };
}

/** The spawner's file and the launch's constants, in memory; nothing can change them. */
function makeFiles({ bytes }: { readonly bytes: Uint8Array }): {
  file: number;
  plan: number;
} {
  return {
    file: makeFile(SPAWNER_NAME, spawnerExecutable()),
    plan: makeFile("selfdock-plan", bytes),
  };
}

function makeFile(name: string, content: Uint8Array): number {
  const p = new ProgramBuilder();
  const [file, failed] = [p.slot("file"), p.label("failed")];
  p.faultsTo(failed, () =>
    p.part("make a file in memory", () => {
      createExecutableMemory(p, name, file);
      const bytes = p.constant("{content}", content);
      p.call("pwrite64", [file, bytes, content.length, 0]);
      seal(p, file);
      p.place(failed);
      p.control("stop", [file]);
    }),
  );
  const run = prepare(p.finish());
  const descriptor = run.play();
  const fault = run.fault();
  run.free();
  if (fault === null) return descriptor;
  if (descriptor > 0) closeDescriptor(descriptor);
  throw failedCall(fault.step.part.action, fault.errno);
}

function lost(): SelfdockError {
  return new SelfdockError(
    "launch",
    "Cannot tell how the instance has ended: its spawner was killed",
  );
}

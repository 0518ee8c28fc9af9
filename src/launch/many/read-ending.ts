/** What became of an instance that a spawner has made. */

import { CLD } from "../../../syscalls/constants/wait.table.ts";
import { readState } from "../../../syscalls/ffi.ts";
import type { Played } from "../../../syscalls/ffi.ts";
import { RUSAGE, SIGINFO } from "../../../syscalls/structs.ts";
import { quote } from "../../plan/bytes.ts";
import type { SelfdockError } from "../../plan/error.ts";
import type { Facts } from "../../plan/facts.ts";
import { PLACEHOLDER } from "../../plan/placeholder.ts";
import type { Request } from "../../plan/request.ts";
import type { Moment } from "../../plan/spawner/plan-moment.ts";
import {
  PLAN_ADDRESS,
  STATE_COPY_OFFSET,
  TURN,
} from "../../plan/spawner/spawner-memory.ts";
import { explainFailure } from "../explain-failure.ts";
import type { EncodedLaunch, SharedMemory, Words } from "./shared-memory.ts";

/** How a command has ended, and what it took. */
export interface Ending {
  /** Why there was no command; null if there was one. */
  readonly error: SelfdockError | null;
  /** Its exit status, or null if a signal has ended it, or there was none. */
  readonly status: number | null;
  /** The signal that has ended it, or null. */
  readonly signal: number | null;
  /** Milliseconds: to make the instance, without waiting for a turn, and from the execution of the command to the end of the instance. */
  readonly launch: number;
  readonly time: number;
  /** Milliseconds of the processor, those of making the instance among them. */
  readonly user: number;
  readonly system: number;
  /** Bytes: the most that one of its processes that were waited for had in memory. */
  readonly peak: number;
}

/** What the launch was about. */
interface About extends Pick<Words, "argv" | "workingDirectory"> {
  readonly request: Request;
  readonly facts: Facts;
}

const MILLISECOND = 1_000_000;
const KIB = 1024;

/** Reads it from the spawner's memory. */
export function readEnding(
  memory: SharedMemory,
  encoded: EncodedLaunch,
  { request, facts, argv, workingDirectory }: About,
): Ending {
  const { launch } = encoded;
  const { run, child, started } = readLaunch(memory, encoded);
  const { code, status } = endOf(memory);
  const turns = memory.read("turn") !== TURN.none;
  const waiting = turns
    ? moment(memory, "resumed") - moment(memory, "stood")
    : 0;
  const [began, launched, ended] = [
    moment(memory, "began"),
    moment(memory, "launched"),
    moment(memory, "ended"),
  ];
  const exited = started && code === CLD.EXITED;
  const killed = started && code !== CLD.EXITED;
  return {
    error: started
      ? null
      : explainFailure(
          { ...request, command: argv },
          {
            launch,
            run,
            mode: facts.mode,
            ending: child > 0 ? { code, status } : null,
            words: new Map(
              workingDirectory === null
                ? []
                : [[PLACEHOLDER.directory, quote(workingDirectory)]],
            ),
          },
        ),
    status: exited ? status : null,
    signal: killed ? status : null,
    launch: launched - began - waiting,
    time: ended - launched,
    user: usage(memory, "utime"),
    system: usage(memory, "stime"),
    peak: memory.read("usage", RUSAGE.fields.maxrss.offset) * KIB,
  };
}

/** The process id of pid 1, in whose place a command was executed; null if none was. */
export function readBegun(
  memory: SharedMemory,
  encoded: EncodedLaunch,
): number | null {
  const { child, started } = readLaunch(memory, encoded);
  return started ? child : null;
}

/** How the launch went. */
function readLaunch(
  memory: SharedMemory,
  { launch, layout, imageSize }: EncodedLaunch,
): { run: Played; child: number; started: boolean } {
  const state = memory.bytes.subarray(
    STATE_COPY_OFFSET,
    STATE_COPY_OFFSET + imageSize,
  );
  const run = readState(layout, PLAN_ADDRESS, state);
  const child = run.read(launch.child);
  const started =
    child > 0 &&
    run.read(launch.gaveUp) === 0 &&
    run.fault() === null &&
    run.read(launch.failed) === 0 &&
    run.read(launch.ready) === 1;
  return { run, child, started };
}

/** As the init says, if there is one; pid 1 is the command otherwise. */
function endOf(memory: SharedMemory): { code: number; status: number } {
  const code = memory.read("commandCode");
  if (code !== 0) return { code, status: memory.read("commandStatus") };
  return {
    code: memory.read("info", SIGINFO.fields.code.offset, 4),
    status: memory.read("info", SIGINFO.fields.status.offset, 4),
  };
}

function moment(memory: SharedMemory, which: Moment): number {
  return memory.read(which) * 1000 + memory.read(which, 8) / MILLISECOND;
}

function usage(memory: SharedMemory, field: "utime" | "stime"): number {
  const { offset } = RUSAGE.fields[field];
  const seconds = memory.read("usage", offset);
  return seconds * 1000 + memory.read("usage", offset + 8) / 1000;
}

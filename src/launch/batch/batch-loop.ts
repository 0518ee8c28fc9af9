/**
 * The loop of a batch: starts commands while there is room, waits for everything
 * at once, and tells what has become of each.
 */

import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { ERRNO, errnoName } from "../../../syscalls/errno.table.ts";
import type { BatchRequest } from "../../plan/batch/batch-request.ts";
import { Tally } from "../../plan/batch/tally.ts";
import { SelfdockError } from "../../plan/error.ts";
import { ShortageError } from "../../plan/shortage.ts";
import { inForeground } from "../foreground.ts";
import type { Launcher } from "../many/make-launcher.ts";
import { unwritable } from "../unwritable.ts";
import type { BatchInput } from "./batch-input.ts";
import type { Concurrency } from "./concurrency.ts";
import { hasFailed } from "./batch-result.ts";
import type { BatchResult, Reporter, Standing } from "./batch-result.ts";
import type { NumberedLine } from "./line-reader.ts";
import { OutputQueue } from "./output-queue.ts";
import { PollSet } from "./poll-set.ts";
import { Room } from "./room.ts";
import { openSignals, takeSignal } from "./signal-descriptor.ts";
import type { CommandStarter, RunningCommand } from "./start-command.ts";

/** What a batch comes to. */
export interface BatchEnd {
  readonly failures: number;
  /** The signal that has ended it, or null. */
  readonly signal: number | null;
}

/** Descriptors that are polled besides those of commands: signals, the input, an output. */
const OWN = 3;
/** Of a command: its spawner's socket, and its two streams. */
const EACH = 3;
const PROGRESS_MS = 100;
/** So many commands from one collection of what JavaScript has left to the next. */
const COLLECT_EVERY = 2000;
/** How long a killed instance may take before its spawner is killed, too. */
const PATIENCE_MS = 2000;

interface Job extends RunningCommand {
  readonly text: NumberedLine;
  /** There was no other when it was started. */
  readonly alone: boolean;
  /** When it is killed next; Infinity: never. */
  deadline: number;
  late: boolean;
}

/** What the loop works with. */
export interface Means {
  readonly input: BatchInput;
  readonly starter: CommandStarter;
  readonly launcher: Launcher;
  readonly reporter: Reporter;
}

export class BatchLoop {
  readonly #batch: BatchRequest;
  readonly #means: Means;
  readonly #most: number;
  readonly #room: Room;
  readonly #poll: PollSet;
  readonly #signals = openSignals();
  readonly #output = new OutputQueue();
  readonly #tally = new Tally();
  readonly #began = performance.now();
  readonly #jobs = new Set<Job>();
  /** What could not be started beside others, and is started later. */
  readonly #putBack: NumberedLine[] = [];
  /** Nothing more is started. */
  #stopping = false;
  #signal: number | null = null;
  /** An instance has been started at least once. */
  #able = false;
  /** Why none can be. */
  #unable: SelfdockError | null = null;
  #shown = 0;

  constructor(batch: BatchRequest, means: Means, { most, ahead }: Concurrency) {
    this.#batch = batch;
    this.#means = means;
    this.#most = most;
    this.#room = new Room({ most, ahead });
    this.#poll = new PollSet(OWN + EACH * (most + ahead));
  }

  run(): BatchEnd {
    for (;;) {
      const wanted = this.#fill();
      if (this.#jobs.size === 0 && !wanted && !this.#output.full) break;
      this.#wait(wanted);
      if (this.#signal !== null) break;
      if (this.#unable !== null) throw this.#unable;
    }
    // Whoever is left ends now; it has no result.
    if (this.#signal !== null) this.#means.launcher.free();
    this.#output.text(2, this.#means.reporter.summary(this.#standing()));
    this.#flush();
    return { failures: this.#tally.failures, signal: this.#signal };
  }

  #standing(): Standing {
    const time = performance.now() - this.#began;
    const running = Math.min(this.#jobs.size, this.#most);
    return { tally: this.#tally, running, time };
  }

  /** Starts what there is room for; whether there is room for more than has come. */
  #fill(): boolean {
    const { input } = this.#means;
    while (this.#hasRoom()) {
      const line = this.#putBack.pop() ?? input.take();
      if (line === null) return !input.ended;
      this.#start(line);
    }
    return false;
  }

  #hasRoom(): boolean {
    const room = this.#room.has(this.#jobs.size);
    return room && !this.#stopping && !this.#output.full;
  }

  #start(line: NumberedLine): void {
    const { seconds } = this.#batch;
    const alone = this.#jobs.size === 0;
    try {
      const command = this.#means.starter.start(line);
      const deadline =
        seconds === null ? Infinity : performance.now() + seconds * 1000;
      this.#jobs.add({ ...command, text: line, alone, deadline, late: false });
    } catch (error) {
      if (!(error instanceof SelfdockError)) throw error;
      if (this.#putAside(error, { text: line, alone })) return;
      if (error instanceof ShortageError && !this.#able) this.#unable = error;
      else
        this.#report({ line: line.number, ending: null, error, late: false });
    }
  }

  /** Waits until something can be done, and does it. */
  #wait(wanted: boolean): void {
    const poll = this.#poll;
    poll.clear();
    const signals = poll.add(this.#signals, "IN");
    const { input } = this.#means;
    const lines = wanted ? poll.add(input.descriptor, "IN") : null;
    const { waiting } = this.#output;
    const output = waiting === null ? null : poll.add(waiting, "OUT");
    const jobs = [...this.#jobs].map((job) => ({
      job,
      end: poll.add(job.instance.descriptor, "IN"),
      streams: job.streams.map((stream) => ({
        stream,
        place: poll.add(stream.descriptor, "IN"),
      })),
    }));
    poll.wait(this.#patience());
    if (poll.has(signals)) this.#takeSignal();
    if (output !== null && poll.has(output)) this.#write();
    for (const { job, end, streams } of jobs) {
      if (poll.has(end)) {
        this.#jobs.delete(job);
        // The next one begins, by another spawner, before this one is looked at.
        if (this.#able && !this.#batch.stopOnFailure) this.#fill();
        this.#end(job);
      } else
        for (const { stream, place } of streams)
          if (poll.has(place)) stream.take();
    }
    if (lines !== null && poll.has(lines)) input.read();
    this.#killLate();
    this.#showProgress();
  }

  /** Milliseconds until something must be done anyway; negative: never. */
  #patience(): number {
    const first = Math.min(...[...this.#jobs].map(({ deadline }) => deadline));
    const left = Math.max(0, Math.ceil(first - performance.now()));
    const tick =
      this.#means.reporter.progress === null ? Infinity : PROGRESS_MS;
    const soonest = Math.min(left, tick);
    return soonest === Infinity ? -1 : soonest;
  }

  #takeSignal(): void {
    const signal = takeSignal(this.#signals);
    // The terminal's Ctrl-Z: instances that run go on, but none is started.
    if (signal === SIGNAL.TSTP) process.kill(process.pid, "SIGSTOP");
    else if (signal !== 0) this.#signal = signal;
  }

  #write(): void {
    this.#output.write();
    const failed = this.#output.failed.get(1);
    if (failed === undefined) return;
    // A reader who has gone ends us as it ends anybody who writes.
    if (failed !== -ERRNO.EPIPE) throw unwritable(errnoName(-failed));
    this.#signal = SIGNAL.PIPE;
  }

  /** The instance has ended, and its output is whole. */
  #end(job: Job): void {
    const { line, late } = job;
    let result: BatchResult;
    try {
      const ending = job.instance.end();
      const { error } = ending;
      if (this.#putAside(error, job))
        return job.streams.forEach((stream) => void stream.finish());
      if (error?.code !== "launch") this.#able = true;
      else if (!this.#able && job.plain) this.#unable = error;
      result = { line, ending: error === null ? ending : null, error, late };
    } catch (error) {
      if (!(error instanceof SelfdockError)) throw error;
      result = { line, ending: null, error, late };
    }
    job.streams.forEach((stream, index) => {
      const captured = stream.finish();
      const to = index === 0 && !this.#batch.json ? 1 : 2;
      this.#output.captured(to, captured);
      if (captured.lost) result = { ...result, error: outOfMemory() };
    });
    this.#report(result);
  }

  /** Whether it was short of what others may have had: it is started again then, and fewer at once. */
  #putAside(
    error: SelfdockError | null,
    { text, alone }: Pick<Job, "text" | "alone">,
  ): boolean {
    if (!(error instanceof ShortageError)) return false;
    const beside = this.#jobs.size;
    if (alone && beside === 0) return false;
    this.#room.short(beside);
    this.#putBack.push(text);
    return true;
  }

  #report(result: BatchResult): void {
    const failed = hasFailed(result);
    const time = result.ending?.time ?? null;
    if (time !== null) this.#room.ended(time);
    this.#tally.add(failed, time);
    const { output, message } = this.#means.reporter.ended(result);
    this.#output.text(1, output);
    this.#output.text(2, message);
    if (failed && this.#batch.stopOnFailure) this.#stopping = true;
    // What a view on memory outside of its heap costs, the collector learns late.
    if (this.#tally.count % COLLECT_EVERY === 0) Bun.gc(true);
  }

  #killLate(): void {
    if (this.#batch.seconds === null) return;
    const now = performance.now();
    for (const job of this.#jobs) {
      if (job.deadline > now) continue;
      if (job.late) job.instance.abandon();
      else job.instance.signal(SIGNAL.KILL);
      job.late = true;
      job.deadline = now + PATIENCE_MS;
    }
  }

  #showProgress(): void {
    const { progress } = this.#means.reporter;
    const now = performance.now();
    if (progress === null || now - this.#shown < PROGRESS_MS) return;
    this.#shown = now;
    if (inForeground()) this.#output.progress(progress(this.#standing()));
  }

  /** Writes what is left: all of it, or what can be written at once if a signal has ended us. */
  #flush(): void {
    const poll = this.#poll;
    for (;;) {
      const { waiting } = this.#output;
      if (waiting === null) return;
      poll.clear();
      const output = poll.add(waiting, "OUT");
      const signals = poll.add(this.#signals, "IN");
      poll.wait(this.#signal === null ? -1 : 0);
      if (poll.has(signals)) this.#takeSignal();
      if (poll.has(output)) this.#write();
      else if (this.#signal !== null) return;
    }
  }
}

function outOfMemory(): SelfdockError {
  return new SelfdockError(
    "launch",
    "Cannot keep the command's output: there is too little memory",
    "--output-dir puts it into files",
  );
}

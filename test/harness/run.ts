/**
 * Runs programs as anybody may run them: as an ordinary user by number, with
 * any bytes, descriptors, limits and signals. What they write goes to files, so
 * that nothing is lost, changed or made non-blocking on its way.
 */

import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { baseDirectory } from "./base.ts";
import { helper } from "./helpers.ts";
import {
  ENVIRONMENT,
  startRecords,
  type StartOptions,
  type Word,
} from "./start-records.ts";

/** How a program ended and what it wrote. */
export interface Result {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  /** Blocks read from and written to disks by it and its children. */
  readonly blocks: { readonly in: number; readonly out: number };
}

/** A program that runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Result>;
  /** What it has written so far. */
  stdout(): string;
  kill(signal: NodeJS.Signals): void;
}

const running = new Set<Run>();

class Run implements Running {
  readonly pid: number;
  readonly ended: Promise<Result>;
  readonly #directory: string;
  readonly #process: Subprocess;

  constructor(command: readonly Word[], options: StartOptions) {
    this.#directory = mkdtempSync(join(baseDirectory(), "run-"));
    writeFileSync(this.#file("spec"), startRecords(command, options));
    writeFileSync(this.#file("in"), options.stdin ?? "");
    const streams = [
      openSync(this.#file("in"), "r"),
      this.#openOutput("out"),
      this.#openOutput("err"),
    ] as const;
    this.#process = Bun.spawn(
      [...(options.before ?? []), helper("start"), this.#file("spec")],
      {
        stdin: streams[0],
        stdout: streams[1],
        stderr: streams[2],
        env: ENVIRONMENT,
        cwd: "/",
      },
    );
    for (const stream of streams) closeSync(stream);
    this.pid = this.#process.pid;
    running.add(this);
    this.ended = this.#finish(options.timeout ?? 30);
    // Whoever waits for it is told; a test that failed before waits no more.
    this.ended.catch(() => {});
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }

  /** A file to append to, which whoever is started may open again as /dev/stdout. */
  #openOutput(name: string): number {
    const stream = openSync(this.#file(name), "a");
    chmodSync(this.#file(name), 0o666);
    return stream;
  }

  stdout(): string {
    return readFileSync(this.#file("out"), "utf8");
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async #finish(seconds: number): Promise<Result> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#process.kill("SIGKILL");
    }, seconds * 1000);
    await this.#process.exited;
    clearTimeout(timer);
    running.delete(this);
    const stdoutBytes = readFileSync(this.#file("out"));
    const stderr = readFileSync(this.#file("err"), "utf8");
    rmSync(this.#directory, { recursive: true });
    if (late)
      throw new Error(
        `Still running after ${seconds} s; wrote ${stdoutBytes.toString()}${stderr}`,
      );
    if (stderr.startsWith("start: record")) throw new Error(stderr);
    const usage = this.#process.resourceUsage()!;
    return {
      status: this.#process.exitCode,
      signal: this.#process.signalCode as string | null,
      stdout: stdoutBytes.toString("utf8"),
      stderr,
      stdoutBytes,
      blocks: { in: usage.ops.in, out: usage.ops.out },
    };
  }
}

/** Starts a program, found at its path. */
export function start(
  command: readonly Word[],
  options: StartOptions = {},
): Running {
  return new Run(command, options);
}

/** Runs a program to its end: the control of what selfdock does with the same one. */
export function runOutside(
  command: readonly Word[],
  options: StartOptions = {},
): Promise<Result> {
  return start(command, options).ended;
}

/** Ends what a test that failed has left running. */
export async function endAll(): Promise<void> {
  const left = [...running];
  for (const each of left) each.kill("SIGKILL");
  await Promise.allSettled(left.map((each) => each.ended));
}

/**
 * The one question of this ring: is it as without selfdock? A scenario is played
 * twice in a person's shell, with `$RUN` empty and with `$RUN` as `selfdock
 * run`; what the terminal shows, the statuses, the foreground group and the
 * modes afterwards must be the same.
 */

import { expect } from "bun:test";
import type { Mode } from "../harness/modes.ts";
import type { Need } from "../harness/needs.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { closeSessions, readable, Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";
import { findCommand, isMinded, processNumber } from "./session-processes.ts";
import { BASH, PROMPT } from "./shells.table.ts";
import type { Shell } from "./shells.table.ts";

/** A person's shell on a terminal. */
export class Desk extends Session {
  readonly #losesPrompts: boolean;
  readonly #notes: string[] = [];
  readonly #concealed: [string | RegExp, string][] = [];

  /** The words before a command; none if it is bare. */
  readonly run: readonly string[];
  /** Those of the person's shell. */
  readonly shell: readonly string[];

  constructor(shell: Shell, run: readonly string[], options: SessionOptions) {
    const env = { PS1: PROMPT, RUN: run.join(" "), ...options.env };
    super(shell.command, { ...options, env });
    this.run = run;
    this.shell = shell.command;
    this.#losesPrompts = shell.losesPrompts ?? false;
  }

  /** Waits for the shell's prompt; notes whom the terminal belongs to then. */
  async prompt(after = "what was typed"): Promise<void> {
    try {
      if (this.#losesPrompts) await this.#nudge();
      await this.see(PROMPT, 10);
    } catch (error) {
      throw new Error(`No prompt after ${after}`, { cause: error });
    }
    await waitUntil(
      "the shell has its terminal",
      () => this.foreground() === this.pid,
    );
  }

  /** Asks for a prompt with an empty line if none comes and the shell has the terminal. */
  async #nudge(): Promise<void> {
    const end = performance.now() + 3000;
    while (!this.shows(PROMPT) && performance.now() < end) await Bun.sleep(5);
    if (!this.shows(PROMPT) && this.foreground() === this.pid) this.line("");
  }

  /** Types a line. */
  line(text: string): void {
    this.type(`${text}\r`);
  }

  /** Types a line and waits for the next prompt. */
  async command(text: string): Promise<void> {
    this.line(text);
    await this.see("\n");
    await this.prompt();
  }

  /** Types a line and the status of what it ran. */
  async status(): Promise<void> {
    await this.command("echo status:$?");
  }

  /** The processes on this terminal whose words are these. */
  find(command: string): readonly number[] {
    return findCommand(this.pid, command);
  }

  /** Waits until the program itself runs, and selfdock does nothing but mind it. */
  async runs(command: string): Promise<number> {
    await waitUntil(`"${command}" runs`, () =>
      this.find(command).some(
        (pid) => this.run.length === 0 || isMinded(pid, this.run[0]!),
      ),
    );
    return this.find(command)[0]!;
  }

  /** Waits until it runs and has the terminal. */
  async runsInFront(command: string): Promise<number> {
    const pid = await this.runs(command);
    await waitUntil(
      `"${command}" has the terminal, and is not stopped`,
      () =>
        this.foreground() === processNumber(pid, "group") &&
        statusField(pid, "State")!.startsWith("S"),
    );
    return pid;
  }

  /** Waits until it runs and its group, which others are in too, has the terminal. */
  async runsInFrontOfAll(command: string): Promise<void> {
    await this.runs(command);
    await this.runsInside(command);
  }

  /** Waits until a job of a shell that may be in an instance has the terminal. */
  async runsInside(command: string): Promise<void> {
    await waitUntil(`"${command}" has the terminal`, () =>
      this.find(command).some(
        (pid) =>
          this.foreground() === processNumber(pid, "group") &&
          statusField(pid, "State")?.startsWith("S"),
      ),
    );
  }

  /** Waits until the command is stopped, and the shell's own child with it. */
  async stops(command: string): Promise<void> {
    const stopped = (pid: number): boolean =>
      statusField(pid, "State")?.startsWith("T") ?? false;
    await waitUntil(`"${command}" is stopped`, () =>
      this.find(command).some((pid) => {
        let job = pid;
        while (processNumber(job, "parent") !== this.pid && job > 0)
          job = processNumber(job, "parent");
        return stopped(pid) && stopped(job);
      }),
    );
  }

  /** Keeps what differs each time out of the transcript. */
  conceal(text: string | RegExp, alias: string): void {
    this.#concealed.push([text, alias]);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /**
   * All that the terminal has shown and the notes, without what differs each
   * time: process ids, and when a shell finds time to say that a job has
   * stopped.
   */
  transcript(): string {
    const said = new Set<string>();
    let text = readable(this.screen);
    for (const [word, alias] of this.#concealed)
      text = text.replaceAll(
        typeof word === "string" ? word : new RegExp(word, "g"),
        alias,
      );
    const lines = text
      .replaceAll(`${PROMPT}[`, `${PROMPT}\n[`)
      .replaceAll(/^(\[[0-9]+\] *[+-]? *)[0-9]+$/gm, "$1PID")
      .split("\n")
      .map((line) => line.replace(/^\r+/, ""))
      .filter((line) => {
        if (!/^\[[0-9]+\].*(?:Stopped|suspended)/.test(line))
          return line !== "";
        said.add(line.replaceAll(/ +/g, " ").trimEnd());
        return false;
      });
    // News may come between a prompt and what is typed at it.
    const flow = lines.join("\n").replaceAll(`${PROMPT}\n`, PROMPT);
    return [flow, ...said, ...this.#notes].join("\n");
  }
}

export type Scenario = (desk: Desk) => Promise<void>;

async function play(
  [shell, run]: readonly [Shell, readonly string[]],
  scenario: Scenario,
  options: SessionOptions,
): Promise<string> {
  const desk = new Desk(shell, run, options);
  try {
    await desk.prompt();
    await scenario(desk);
    desk.note(desk.modes());
    desk.line("exit 7");
    desk.note(`the shell's status: ${await desk.ended()}`);
    return desk.transcript();
  } finally {
    await desk.close();
  }
}

/** What is particular about a comparison. */
export interface Particulars extends SessionOptions {
  readonly shell?: Shell;
  readonly needs?: readonly Need[];
  /** Options of selfdock's before `run`. */
  readonly words?: readonly string[];
  /** What $RUN is, if not `selfdock run`; made before the scenario is played. */
  readonly before?: () => Promise<readonly string[]>;
}

/** A rule: the scenario goes as without selfdock. */
export function ruleAsBare(
  mode: Mode,
  name: string,
  scenario: Scenario,
  particulars: Particulars = {},
): void {
  const {
    shell = BASH,
    needs = [],
    words = [],
    before = () => Promise.resolve(mode.before(words)),
    ...options
  } = particulars;
  mode.ruleWith(name, [...shell.needs, ...needs], async () => {
    try {
      const bare = await play([shell, []], scenario, options);
      const run = await before();
      expect(await play([shell, run], scenario, options)).toBe(bare);
    } finally {
      await closeSessions();
    }
  });
}

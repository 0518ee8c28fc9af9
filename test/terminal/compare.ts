/**
 * The one question of this ring: is it as without selfdock? A scenario is played
 * twice in a person's shell, with `$RUN` empty and with `$RUN` as `selfdock
 * run`; what the terminal shows, the statuses, the foreground group and the
 * modes afterwards must be the same.
 */

import { expect } from "bun:test";
import type { Mode } from "../harness/modes.ts";
import type { Need } from "../harness/needs.ts";
import { commandLine, processesWith, waitUntil } from "../harness/processes.ts";
import { closeSessions, readable, Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";
import { BASH, PROMPT } from "./shells.table.ts";
import type { Shell } from "./shells.table.ts";

/** A person's shell on a terminal. */
export class Desk extends Session {
  /** Words that the transcript must not hold, since they differ each time. */
  readonly #aliases = new Map<string, string>();
  readonly #notes: string[] = [];

  constructor(shell: Shell, run: readonly string[], options: SessionOptions) {
    const env = { PS1: PROMPT, RUN: run.join(" "), ...options.env };
    super(shell.command, { ...options, env });
  }

  /** A word that no other process of this host has, as seconds for sleep. */
  unique(alias: string): string {
    const word = `7${Math.floor(Math.random() * 1e9)}.125`;
    this.#aliases.set(word, alias);
    return word;
  }

  /** Waits for the shell's prompt; notes whom the terminal belongs to then. */
  async prompt(): Promise<void> {
    await this.see(PROMPT);
    await waitUntil(
      "the shell has its terminal",
      () => this.foreground() === this.pid,
    );
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

  /** Waits until the program itself runs, not only selfdock with its name among the words. */
  async runs(command: string): Promise<number> {
    const of = () =>
      processesWith(command).find((pid) =>
        commandLine(pid).startsWith(command),
      );
    await waitUntil(`${command} runs`, () => of() !== undefined);
    return of()!;
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** All that the terminal has shown and the notes, without what differs each time. */
  transcript(): string {
    let text = readable(this.screen);
    for (const [word, alias] of this.#aliases)
      text = text.replaceAll(word, alias);
    text = text.replaceAll(/^(\[[0-9]+\] *[+-]? *)[0-9]+$/gm, "$1PID");
    return [text, ...this.#notes].join("\n");
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
}

/** A rule: the scenario goes as without selfdock. */
export function ruleAsBare(
  mode: Mode,
  name: string,
  scenario: Scenario,
  particulars: Particulars = {},
): void {
  const { shell = BASH, needs = [], words = [], ...options } = particulars;
  mode.ruleWith(name, [...shell.needs, ...needs], async () => {
    try {
      const bare = await play([shell, []], scenario, options);
      const run = [mode.program(), ...words, "run"];
      expect(await play([shell, run], scenario, options)).toBe(bare);
    } finally {
      await closeSessions();
    }
  });
}

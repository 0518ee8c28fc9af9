/**
 * A person at a terminal: a session of its own on a pseudo-terminal, as the
 * ordinary user, who owns it. What is typed waits for what is seen or for what
 * the host's /proc tells, never for a time.
 */

import { readlinkSync } from "node:fs";
import { ENVIRONMENT } from "../harness/start-records.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { processNumber } from "./session-processes.ts";

/** What a session starts with. */
export interface SessionOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Root's part: the terminal gets its owner; no cores, whose words would depend on the host. */
const ENTER = `
chown 1000 "$(tty)"
ulimit -c 0
exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"`;

const CONTROL =
  /\u001b(?:\[[0-9;?>=]*[ -/]*[@-~]|\][^\u0007]*\u0007|[()].|[=>78DEM])/g;

/** What a person would read of a terminal's bytes. */
export function readable(bytes: string): string {
  return bytes.replaceAll(CONTROL, "").replaceAll(/\r+(?=\n)/g, "");
}

const open = new Set<Session>();

/** Ends every session that a test has left, with all that runs on its terminal. */
export async function closeSessions(): Promise<void> {
  for (const session of open) await session.close();
}

export class Session {
  /** The session's leader, and thus its process group. */
  readonly pid: number;
  /** All that the terminal has shown, one character a byte. */
  screen = "";
  #seen = 0;
  readonly #process: Bun.Subprocess;

  constructor(command: readonly string[], options: SessionOptions = {}) {
    this.#process = Bun.spawn(["sh", "-c", ENTER, "sh", ...command], {
      cwd: options.cwd ?? "/",
      env: { ...ENVIRONMENT, ...options.env },
      terminal: {
        cols: 80,
        rows: 24,
        data: (_terminal, data) => {
          this.screen += Buffer.from(data).toString("latin1");
        },
      },
    });
    this.pid = this.#process.pid;
    open.add(this);
  }

  /** Sends bytes as the keyboard would. */
  type(text: string): void {
    this.#process.terminal!.write(text);
  }

  /** Forgets what has been shown so far; `see` looks at what comes. */
  forget(): void {
    this.#seen = this.screen.length;
  }

  /** Is the text shown, behind what was seen before? */
  shows(text: string): boolean {
    return this.screen.includes(text, this.#seen);
  }

  /** Waits until the text is shown, behind what was seen before; gives what led to it. */
  async see(text: string | RegExp, seconds = 20): Promise<string> {
    let found: { index: number; length: number } | null = null;
    const look = (): boolean => {
      const rest = this.screen.slice(this.#seen);
      if (typeof text === "string") {
        const index = rest.indexOf(text);
        found = index < 0 ? null : { index, length: text.length };
      } else {
        const match = text.exec(rest);
        found = match && { index: match.index, length: match[0].length };
      }
      return found !== null;
    };
    try {
      await waitUntil(`the terminal shows ${String(text)}`, look, seconds);
    } catch (error) {
      const shown = JSON.stringify(this.screen.slice(this.#seen));
      throw new Error(`${(error as Error).message}; it shows ${shown}`, {
        cause: error,
      });
    }
    const { index, length } = found!;
    const from = this.#seen;
    this.#seen += index + length;
    return this.screen.slice(from, this.#seen);
  }

  resize(columns: number, rows: number): void {
    this.#process.terminal!.resize(columns, rows);
  }

  /** The foreground process group. */
  foreground(): number {
    return processNumber(this.pid, "foreground");
  }

  /** The path of the terminal on the host. */
  get path(): string {
    return readlinkSync(`/proc/${this.pid}/fd/0`);
  }

  /** The modes of the terminal. */
  modes(): string {
    const stty = Bun.spawnSync(["stty", "--all", "--file", this.path]);
    return stty.stdout.toString();
  }

  /** The status of the session's leader, or 128 + N. */
  async ended(): Promise<number> {
    const late = Bun.sleep(20_000).then(() => null);
    const status = await Promise.race([this.#process.exited, late]);
    if (status === null)
      throw new Error(`Still running; shown: ${JSON.stringify(this.screen)}`);
    return status;
  }

  /** Hangs up. */
  async close(): Promise<void> {
    if (!open.delete(this)) return;
    if (statusField(this.pid, "State") !== null) this.#process.kill("SIGKILL");
    await this.#process.exited;
    this.#process.terminal!.close();
  }
}

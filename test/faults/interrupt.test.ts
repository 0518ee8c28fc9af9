/**
 * The launcher is killed, or stopped and continued, before each call that the
 * instance's first process or it itself makes; where it enters one, that any of
 * those make which lead there. Killed, it takes everything along and no command
 * has begun that was not there before; stopped, all goes on.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { reporting, staying, takeMark, type Kind } from "./kinds.ts";
import { forEachLaunch } from "./launches.ts";
import { newLogin, programOf, type Login, type ModeName } from "./logins.ts";
import { faultProgram } from "./programs.ts";
import { SEED, SOAK } from "./soak.ts";

/** In a plain run every so many calls of a process's. */
const STRIDE = { made: 53, launcher: 13 } as const;
/** Of an entry, whose processes make fewer. */
const ENTRY_STRIDE = { made: 7, launcher: 13 } as const;
const KILL = 9;
const STOP = 19;

interface Interrupted {
  /** Whether there was such a call. */
  readonly hit: boolean;
  /** The wait status. */
  readonly ended: number;
  readonly left: number;
  readonly stdout: string;
}

interface Moment {
  /** The launcher, or which of the processes that it makes, from 1. */
  readonly who: "launcher" | number;
  readonly number: number;
  readonly signal: typeof KILL | typeof STOP;
}

class Victim {
  readonly kind: Kind;
  readonly #program: string;
  readonly #login: Login;
  readonly #host: readonly string[];
  readonly #out = join(makeRoom(), "interrupted");

  constructor(kind: Kind, mode: ModeName, login = newLogin(mode)) {
    this.kind = kind;
    this.#program = programOf(mode);
    this.#login = login;
    this.#host = kind.host(this.#login);
  }

  async run(
    { who, number, signal }: Moment,
    command: readonly string[],
  ): Promise<Interrupted> {
    await Bun.write(this.#out, "");
    const before = [
      ...this.#host,
      faultProgram("interrupt"),
      this.#out,
      String(who),
      String(number),
      String(signal),
    ];
    const words = [this.#program, ...this.kind.args, ...command];
    const { stdout } = await runOutside(words, {
      ...this.#login,
      cwd: this.kind.cwd,
      open: this.kind.open,
      before,
    });
    const told = readFileSync(this.#out, "latin1");
    const field = (name: string) =>
      Number(new RegExp(`^${name} (-?\\d+)$`, "m").exec(told)?.[1]);
    return {
      hit: told.startsWith("hit"),
      ended: field("ended"),
      left: field("left"),
      stdout,
    };
  }
}

/** Why what came of it must not be; null if it may. */
async function interrupt(
  victim: Victim,
  moment: Moment,
  whole: string,
): Promise<{ hit: boolean; why: string | null }> {
  const { kind } = victim;
  const isKill = moment.signal === KILL;
  // Before its execution a command that has begun is told by its mark.
  const stays = isKill && moment.who === "launcher";
  const command = stays ? staying(kind.room) : reporting(kind.room);
  const { hit, ended, left, stdout } = await victim.run(moment, command);
  const ran = takeMark(kind.room);
  const problems = [
    left === 0 ? null : `${left} processes were left`,
    isKill && hit && ended !== KILL ? `it ended with ${ended}` : null,
    isKill && hit && ran && moment.who !== "launcher"
      ? "the command ran"
      : null,
    !isKill && (ended !== 0 || !ran || stdout !== whole)
      ? `it ended with ${ended} and wrote ${stdout}`
      : null,
  ].filter((problem) => problem !== null);
  return { hit, why: problems.length === 0 ? null : problems.join(", ") };
}

forEachLaunch(
  {
    title: "a launcher that is killed or stopped leaves nothing behind",
    table: "launcher interrupted before a call",
    entering: (mode) => Promise.resolve(programOf(mode)),
  },
  async (kind, mode, login) => {
    const victim = new Victim(kind, mode, login);
    const never = { who: 1, number: 1_000_000, signal: STOP } as const;
    const whole = (await victim.run(never, reporting(kind.room))).stdout;
    takeMark(kind.room);
    const strides = login === undefined ? STRIDE : ENTRY_STRIDE;
    const row = { killed: 0, "stopped and continued": 0 };
    const breaches: string[] = [];
    for (const signal of [KILL, STOP] as const) {
      const made = kind.makes.map((_, index) => index + 1);
      for (const who of [...made, "launcher"] as const) {
        const stride = SOAK ? 1 : strides[who === "launcher" ? who : "made"];
        for (let number = SOAK ? 0 : SEED % stride; ; number += stride) {
          const moment = { who, number, signal };
          const { hit, why } = await interrupt(victim, moment, whole);
          if (why !== null)
            breaches.push(
              `${who === "launcher" ? who : kind.makes[who - 1]} ${number}, signal ${signal}: ${why}`,
            );
          if (!hit) break;
          row[signal === KILL ? "killed" : "stopped and continued"] += 1;
        }
      }
    }
    return { row, breaches };
  },
);

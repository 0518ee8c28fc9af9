/**
 * Who starts selfdock: the modes, and logins that nobody else has. Each has a
 * group of its own, in every mode, so that whatever a start leaves behind
 * (processes, files) is told by its group; and a user of its own, if not root.
 */

import { readdirSync } from "node:fs";
import { processIsAlive, statusField } from "../harness/processes.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";

/** `root` is root as the invoker, without the setuid bit. */
export type ModeName = "rootless" | "setuid" | "root";

export const MODES: readonly ModeName[] = ["rootless", "setuid", "root"];

/** The shipped program, as this mode starts it. */
export function programOf(mode: ModeName): string {
  return mode === "setuid" ? setuidProgram() : plainProgram();
}

export interface Login {
  readonly user: number;
  readonly group: number;
}

const FIRST = 1_000_000 + (process.pid % 100_000) * 10_000;
const MOST = 10_000;

let next = 0;

export function newLogin(mode: ModeName): Login {
  next = (next + 1) % MOST;
  const group = FIRST + next;
  return { user: mode === "root" ? 0 : group, group };
}

/** Is it a group of this test process's logins? */
export function isOurs(group: number): boolean {
  return group >= FIRST && group < FIRST + MOST;
}

/** The living processes of all our logins, as `PID NAME group GROUP`. */
export function processesLeft(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const group = Number(statusField(pid, "Gid")?.split("\t")[0] ?? -1);
      return isOurs(group) && processIsAlive(pid)
        ? [`${pid} ${statusField(pid, "Name")} group ${group}`]
        : [];
    });
}

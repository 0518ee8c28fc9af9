/**
 * Users that nobody else is, one for each start, so that whatever a start leaves
 * behind (processes, files, keys) is told by its owner.
 */

import { readdirSync } from "node:fs";
import { processIsAlive, statusField } from "../harness/processes.ts";

const FIRST = 1_000_000 + (process.pid % 100_000) * 10_000;
const MOST = 10_000;

let next = 0;

export function newUser(): number {
  next = (next + 1) % MOST;
  return FIRST + next;
}

/** Is it one of the users of this test process? */
export function isOurs(user: number): boolean {
  return user >= FIRST && user < FIRST + MOST;
}

/** The living processes of all our users, as `PID NAME user USER`. */
export function processesLeft(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const user = Number(statusField(pid, "Uid")?.split("\t")[0] ?? -1);
      return isOurs(user) && processIsAlive(pid)
        ? [`${pid} ${statusField(pid, "Name")} user ${user}`]
        : [];
    });
}

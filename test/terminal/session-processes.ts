/** What /proc on the host tells of a terminal's session: its processes and their groups. */

import { readdirSync, readFileSync } from "node:fs";
import {
  commandLine,
  processIsAlive,
  statusField,
} from "../harness/processes.ts";

/** Fields of /proc/PID/stat behind the name, by their places there. */
const PLACE = { parent: 1, group: 2, session: 3, foreground: 5 } as const;

/** One of them; -1 if there is no such process any more. */
export function processNumber(pid: number, field: keyof typeof PLACE): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[PLACE[field]]);
  } catch {
    return -1;
  }
}

/** The living processes of a session. */
export function sessionProcesses(session: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter(
      (pid) => processNumber(pid, "session") === session && processIsAlive(pid),
    );
}

/** What a process of selfdock's that minds an instance blocks: every signal that can be. */
const EVERY_SIGNAL = "fffffffffffbfeff";

/**
 * Do those that mind this process wait for signals? A key that is pressed
 * before is the affair of a rule of its own.
 */
export function isMinded(pid: number, program: string): boolean {
  const ours = (each: number): boolean =>
    commandLine(each).startsWith(`${program} `);
  const waits = (each: number): boolean =>
    ours(each) && statusField(each, "SigBlk") === EVERY_SIGNAL;
  let minder = processNumber(pid, "parent");
  if (!waits(minder)) return false;
  while (ours(processNumber(minder, "parent")))
    minder = processNumber(minder, "parent");
  const group = processNumber(pid, "group");
  if (group === processNumber(minder, "group")) return true;
  // In a group of its own, someone else of selfdock's is there with it.
  return sessionProcesses(processNumber(pid, "session")).some(
    (each) =>
      each !== minder &&
      processNumber(each, "group") === group &&
      waits(each) &&
      processNumber(each, "parent") === minder,
  );
}

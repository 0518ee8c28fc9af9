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

/** selfdock's own processes go by its name or, at pid 1, by that of --init. */
function isOurs(pid: number, program: string): boolean {
  return (
    commandLine(pid).startsWith(`${program} `) ||
    statusField(pid, "Name") === "selfdock-init"
  );
}

/** Does it wait for a signal? */
function waitsForSignal(pid: number): boolean {
  try {
    const place = readFileSync(`/proc/${pid}/wchan`, "latin1");
    // Compilers add endings of their own to the kernel's names.
    return place.startsWith("do_sigtimedwait");
  } catch {
    return false;
  }
}

/** The processes on a terminal with these words, which are not selfdock's own. */
export function findCommand(
  session: number,
  command: string,
): readonly number[] {
  return sessionProcesses(session).filter(
    (pid) =>
      commandLine(pid) === command &&
      statusField(pid, "Name") !== "selfdock-init",
  );
}

/**
 * Is all of selfdock at rest? A key that is pressed before is the affair of a
 * rule of its own.
 */
export function isMinded(pid: number, program: string): boolean {
  const session = processNumber(pid, "session");
  const ours = sessionProcesses(session).filter((each) =>
    isOurs(each, program),
  );
  let minder = processNumber(pid, "parent");
  if (!ours.includes(minder) || !ours.every(waitsForSignal)) return false;
  while (ours.includes(processNumber(minder, "parent")))
    minder = processNumber(minder, "parent");
  const group = processNumber(pid, "group");
  if (group === processNumber(minder, "group")) return true;
  // In a group of its own, someone else of selfdock's is there with it.
  return ours.some(
    (each) =>
      processNumber(each, "parent") === minder &&
      processNumber(each, "group") === group &&
      statusField(each, "Name") !== "selfdock-init",
  );
}

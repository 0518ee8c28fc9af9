/** What /proc on the host tells of processes. */

import { readdirSync, readFileSync } from "node:fs";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";

/** One field of /proc/PID/status, or null if there is no such process any more. */
export function statusField(pid: number, field: string): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    return new RegExp(`^${field}:[ \\t]*(.*)$`, "m").exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Does a process of this number run (a zombie does not)? */
export function processIsAlive(pid: number): boolean {
  const state = statusField(pid, "State");
  return state !== null && !state.startsWith("Z");
}

/** The processes of this host, by number. */
function processes(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

/** Has selfdock done all else, and waits for signals? */
export function supervises(pid: number): boolean {
  const [call] = readFileSync(`/proc/${pid}/syscall`, "latin1").split(" ");
  return call === String(SYSCALL.rt_sigtimedwait);
}

/** The arguments of a process, joined with spaces; empty if it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1")
      .replaceAll("\0", " ")
      .trimEnd();
  } catch {
    return "";
  }
}

/** The processes whose arguments contain TEXT, this one and zombies not counted. */
export function processesWith(text: string): readonly number[] {
  return processes().filter(
    (pid) =>
      pid !== process.pid &&
      commandLine(pid).includes(text) &&
      processIsAlive(pid),
  );
}

/** The descendants of a process, nearest first. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map(
    processes().map((each) => [each, Number(statusField(each, "PPid"))]),
  );
  const found = [pid];
  for (const ancestor of found) {
    for (const [each, parent] of parents)
      if (parent === ancestor) found.push(each);
  }
  return found.slice(1);
}

/** Waits until `condition` is true of the host; throws after `seconds`. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  seconds = 10,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`Waited ${seconds} s in vain until ${what}`);
    await Bun.sleep(5);
  }
}

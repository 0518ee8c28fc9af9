/** What a launch must leave as it was on the host. */

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import { waitUntil } from "../harness/processes.ts";
import { isOurs, processesLeft } from "./logins.ts";

const SHARED = [
  "/tmp",
  "/var/tmp",
  "/dev/shm",
  "/run",
  "/run/lock",
  "/dev/mqueue",
];

/** Files of our logins where everybody may make some. */
function filesLeft(): readonly string[] {
  return SHARED.flatMap((directory) => {
    try {
      return readdirSync(directory)
        .map((name) => join(directory, name))
        .filter((path) =>
          isOurs(lstatSync(path, { throwIfNoEntry: false })?.gid ?? -1),
        );
    } catch {
      return [];
    }
  });
}

/** Runs BODY; then there are no processes and files of our logins, and the host's mounts are the same. */
export async function leavesNothing(body: () => Promise<void>): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "latin1");
  await body();
  await waitUntil(
    "no process is left",
    () => processesLeft().length === 0,
    5,
  ).catch(() => expect(processesLeft()).toEqual([]));
  expect(filesLeft()).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "latin1")).toBe(mounts);
}

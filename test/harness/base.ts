/**
 * The directory of one test process, on the root filesystem (an instance sees
 * no other one) and outside /tmp (an instance has its own). Helper programs,
 * the copy of the artifact and all rooms lie in it.
 *
 * It is removed when the test process ends, however it ends: `bun test` runs no
 * exit handlers, so a shell that waits for the end of a pipe does it.
 * KEEP_TEMP=1 keeps it, but never a setuid file.
 */

import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { processIsAlive } from "./processes.ts";

const PREFIX = "selfdock-test-";

/** Removes what a test process left that was itself killed with its reaper. */
function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${PREFIX}([0-9]+)-`).exec(name)?.[1];
    if (owner !== undefined && !processIsAlive(Number(owner))) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}

/**
 * Removes DIR once the pipe of its standard input is closed, that is once we
 * are gone. In a session of its own: a Ctrl-C is not meant for it.
 */
function startReaper(directory: string): void {
  const script =
    'trap "" INT TERM HUP; while read -r line; do :; done; chmod -R u+rwx "$1" 2>/dev/null; rm -rf "$1"';
  const reaper = Bun.spawn(
    ["setsid", "sh", "-c", script, "reaper", directory],
    {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "ignore",
      cwd: "/",
    },
  );
  reaper.unref();
}

/** A directory in PARENT that this process owns, readable by all and removed in the end. */
export function makeProcessDirectory(parent: string, keep: boolean): string {
  removeStale(parent);
  const directory = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
  chmodSync(directory, 0o755);
  if (!keep) startReaper(directory);
  return directory;
}

let made: string | undefined;

/** The directory of this test process. */
export function baseDirectory(): string {
  made ??= makeProcessDirectory("/var/tmp", process.env["KEEP_TEMP"] === "1");
  return made;
}

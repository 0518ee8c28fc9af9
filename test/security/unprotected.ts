/**
 * The stand-in of the runtime's cases: what `bun build --compile` makes by
 * itself, without stage 0, setuid root. It is a root shell for who can reach
 * it, so it lies in a directory that only a group of our own can enter, and is
 * removed as soon as BODY ends (the harness removes it even if we are killed).
 */

import { chmodSync, chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProcessDirectory } from "../harness/base.ts";
import { makeRoom } from "../harness/room.ts";

/** A group that nobody is in but the processes that a test starts. */
export const KEY_GROUP = 1_864_201_777;

/** Prints that it started and its ids, then sleeps: what a launcher would be. */
const SOURCE = `
console.log("started", process.geteuid(), JSON.stringify(process.argv.slice(2)));
if (process.argv[2] === "wait") await Bun.sleep(20_000);
`;

/** Runs BODY with the path of a setuid stand-in, which is gone afterwards. */
export async function withUnprotected(
  body: (program: string) => Promise<void>,
): Promise<void> {
  const room = makeRoom();
  const entry = join(room, "main.ts");
  writeFileSync(entry, SOURCE);
  const directory = makeProcessDirectory("/usr/local/lib", false);
  chmodSync(directory, 0o700);
  const program = join(directory, "unprotected");
  try {
    const made = await Bun.build({
      entrypoints: [entry],
      target: "bun",
      compile: { outfile: program },
    });
    if (!made.success)
      throw new AggregateError(made.logs, "bun build --compile failed");
    chownSync(program, 0, 0);
    chownSync(directory, 0, KEY_GROUP);
    chmodSync(directory, 0o710);
    chmodSync(program, 0o4755);
    await body(program);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

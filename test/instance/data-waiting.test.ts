/** --data from what is slow: it is read to its end, and whoever waits no longer can say so. */

import { expect } from "bun:test";
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { forEachMode } from "../harness/modes.ts";
import type { Mode } from "../harness/modes.ts";
import { processesWith, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import type { Running } from "../harness/run.ts";

const { O_RDWR, O_RDONLY, O_NONBLOCK } = constants;
const NUMBER = 7;
/** What ends a program that does not mind it. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const;

/** A named pipe that stays open, and a selfdock that makes `name` of it. */
interface Slow {
  readonly running: Running;
  readonly write: (text: string) => void;
  readonly close: () => void;
}

function startSlow(
  mode: Mode,
  name: string,
  { user, flags }: { user: number; flags: number },
): Slow {
  const path = join(makeRoom(), "pipe");
  Bun.spawnSync(["mkfifo", "-m", "666", path]);
  const end = openSync(path, O_RDWR);
  const running = mode.start(
    ["--data", `${NUMBER}`, name, "run", "cat", name],
    { user, open: [[NUMBER, path, flags]] },
  );
  return {
    running,
    write: (text) => void writeSync(end, text),
    close: () => closeSync(end),
  };
}

/** Until it waits for what the pipe says. */
function waitForReading({ running }: Slow): Promise<void> {
  return waitUntil("it waits for the pipe", () => {
    const text = readFileSync(`/proc/${running.pid}/syscall`, "latin1");
    const [call, descriptor] = text.split(" ").map(Number);
    const reads = call === SYSCALL.read && descriptor === NUMBER;
    return reads || call === SYSCALL.poll;
  });
}

forEachMode((mode) => {
  for (const [who, user] of [
    ["a user", 1000],
    ["root", 0],
  ] as const) {
    mode.rule(
      `a signal ends ${who}'s selfdock while it reads, with the signal's status, and nothing is left`,
      async () => {
        for (const signal of ENDING) {
          const name = `/slow-${signal}-${process.pid}`;
          const slow = startSlow(mode, name, { user, flags: O_RDONLY });
          slow.write("some of it");
          await waitForReading(slow);
          slow.running.kill(signal);
          const ended = await slow.running.ended;
          expect(ended).toMatchObject({ signal, stdout: "", stderr: "" });
          expect(processesWith(name)).toEqual([]);
          slow.close();
        }
      },
    );
  }

  mode.rule("what comes bit by bit is read to its end", async () => {
    for (const flags of [O_RDONLY, O_RDONLY | O_NONBLOCK]) {
      const slow = startSlow(mode, "/slow", { user: 1000, flags });
      for (const text of ["one, ", "two, ", "three"]) {
        await waitForReading(slow);
        slow.write(text);
      }
      slow.close();
      expect(await slow.running.ended).toMatchObject({
        status: 0,
        stdout: "one, two, three",
        stderr: "",
      });
    }
  });
});

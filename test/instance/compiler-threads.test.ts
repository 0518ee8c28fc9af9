/**
 * A start by Bun is over before Bun compiles anything: its first compilation
 * starts threads, and the start waits for their end (bench/PROFILE.md). Bun
 * counts calls, so what a line takes is the same on every machine.
 */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";

/** Lines that stage 0 leaves to Bun. With many more options each some function is called often enough. */
const BY_BUN = [
  "--ulimit=cpu=60:90 run true",
  "-m /etc /etc run --ulimit=core=0 true",
  "-v . . --rootfs / run --ulimit=nofile=64 true",
];
/** One that Bun plans by itself: the control. */
const PLANNED = "--scratch run true";

const THREAD = /^\d+ +clone3?\(.*\bCLONE_THREAD\b/m;
/** Bun makes way for the supervisor. */
const SUPERVISOR = '"/proc/self/exe"';

forEachMode((mode) => {
  mode.ruleWith(
    "a usual line that needs Bun starts no thread",
    ["program:strace"],
    async () => {
      const file = join(makeRoom(), "trace");
      const calls = "trace=clone,clone3,execve";
      const before = ["strace", "-f", "-qq", "-o", file, "-e", calls];
      const trace = async (line: string): Promise<string> => {
        const words = line.split(" ");
        const options = { before, cwd: "/usr" };
        const { status, stderr } = await mode.run(words, options);
        expect({ line, status, stderr }).toEqual({
          line,
          status: 0,
          stderr: "",
        });
        return readFileSync(file, "latin1");
      };
      for (const line of BY_BUN) {
        const seen = await trace(line);
        expect(seen).toContain(SUPERVISOR);
        expect(THREAD.exec(seen)?.[0]).toBeUndefined();
      }
      expect(await trace(PLANNED)).toMatch(THREAD);
    },
  );
});

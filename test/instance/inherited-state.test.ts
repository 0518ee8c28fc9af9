/** What a process inherits besides: it reaches the command as the caller had it. */

import { expect } from "bun:test";
import { helper } from "../harness/helpers.ts";
import { forEachMode } from "../harness/modes.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

const NOFILE = 7;
const STACK = 3;
const CORE = 4;
const CPU = 0;
const FSIZE = 1;
const NPROC = 6;

const CALLERS: Readonly<Record<string, StartOptions>> = {
  "a plain caller": {},
  "a soft limit of 256 descriptors": { limits: [[NOFILE, 256, 4096]] },
  "a caller without limits on its stack, with cores": {
    limits: [
      [STACK, 8 << 20, 64 << 20],
      [CORE, 1 << 20, 1 << 30],
    ],
  },
  "limits on time, file sizes and processes": {
    limits: [
      [CPU, 100, 200],
      [FSIZE, 1 << 30, 1 << 31],
      [NPROC, 4000, 5000],
    ],
  },
  "SIGPIPE and SIGXFSZ ignored": { ignore: [13, 25] },
  "SIGHUP, SIGINT, SIGQUIT and SIGTERM ignored": { ignore: [1, 2, 3, 15] },
  "SIGCHLD ignored": { ignore: [17] },
  "SIGPWR and the real-time signals ignored": { ignore: [30, 34, 50, 64] },
  "the C library's own signals ignored, as by posix_spawn(3)": {
    ignore: [32, 33],
  },
  "SIGTERM and SIGUSR1 blocked": { block: [15, 10] },
  "every signal blocked": { block: [0] },
  "SIGPWR blocked, SIGCHLD too": { block: [30, 17] },
  "a umask of 077": { umask: "077" },
  "a umask of 000": { umask: "000" },
  "nice 7": { nice: 7 },
};

forEachMode((mode) => {
  for (const [name, options] of Object.entries(CALLERS)) {
    mode.rule(`${name}: the same inside and outside`, async () => {
      const inside = await mode.output(["run", helper("state")], options);
      const outside = await runOutside([helper("state")], options);
      expect(inside).toBe(outside.stdout);
      expect(outside.stdout).toContain("umask");
    });
  }

  mode.rule("the control: the callers do differ", async () => {
    const states = await Promise.all(
      Object.values(CALLERS).map((options) =>
        runOutside([helper("state")], options),
      ),
    );
    expect(new Set(states.map((state) => state.stdout)).size).toBe(
      states.length,
    );
  });

  mode.rule(
    "a writer whose reader has gone dies of SIGPIPE, unless the caller ignores it",
    async () => {
      const script = "yes | head -n1; echo ${PIPESTATUS[0]}";
      expect(await mode.output(["run", "bash", "-c", script])).toBe("y\n141\n");
      expect(
        (await mode.run(["run", "bash", "-c", script], { ignore: [13] }))
          .stdout,
      ).toBe("y\n1\n");
    },
  );
});

/** GNU make's job server reaches a make inside, by descriptors and by name. */

import { expect } from "bun:test";

import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

const MAKEFILE = `
outer:
\t+@$(RUN) $(MAKE) --no-print-directory inner
inner: a b c
a b c:
\t@echo begin >> $(LOG)/log; sleep 0.3; echo end >> $(LOG)/log
`;

/** How many jobs ran at once at the most. */
function most(log: string): number {
  let now = 0;
  let peak = 0;
  for (const line of log.trim().split("\n")) {
    now += line === "begin" ? 1 : -1;
    peak = Math.max(peak, now);
  }
  return peak;
}

forEachMode((mode) => {
  mode.ruleWith(
    "by descriptors: --keep-fd hands them on",
    ["program:make"],
    async () => {
      const peaks = [];
      for (const keep of [null, [], ["--keep-fd", "3", "--keep-fd", "4"]]) {
        const log = makeRoom({ log: "" });
        const room = makeRoom({ Makefile: MAKEFILE });
        const run =
          keep === null ? "" : mode.before([...keep, "-v", log, log]).join(" ");
        const result = await runOutside(
          ["/usr/bin/make", "-j2", `RUN=${run}`, `LOG=${log}`],
          { cwd: room },
        );
        expect(result.status).toBe(0);
        peaks.push([
          most(await Bun.file(join(log, "log")).text()),
          result.stderr !== "",
        ]);
      }
      // Without them make says so, and goes on with one job at a time.
      expect(peaks).toEqual([
        [2, false],
        [1, true],
        [2, false],
      ]);
    },
  );

  mode.rule(
    "by name: the fifo that MAKEFLAGS names is there if it is mapped",
    async () => {
      // As make 4.4 does it, which keeps its fifo in /tmp.
      const fifo = `/tmp/GMfifo${process.pid}`;
      const script = `
mkfifo -m 600 ${fifo}; exec 5<>${fifo}; printf ++ >&5
export MAKEFLAGS=" -j3 --jobserver-auth=fifo:${fifo}"
$RUN sh -c 'path=\${MAKEFLAGS#*fifo:}; dd bs=1 count=1 if=$path 2>/dev/null; printf - > $path'
dd bs=1 count=2 <&5 2>/dev/null; rm ${fifo}`;
      const run = mode.before(["-v", fifo, fifo]).join(" ");
      for (const each of ["", run]) {
        expect(
          await runOutside(["/bin/bash", "-c", script], { env: { RUN: each } }),
        ).toMatchObject({ stdout: "++-", stderr: "" });
      }
    },
  );
});

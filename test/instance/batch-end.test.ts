/** How a batch ends, and what it waits for. */

import { expect } from "bun:test";
import { parseResults } from "../harness/batch-results.ts";
import { forEachMode } from "../harness/modes.ts";
import {
  descendants,
  processIsAlive,
  processesWith,
  waitUntil,
} from "../harness/processes.ts";
import { start } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

const FAILED = 123;

forEachMode((mode) => {
  const batch = (
    lines: string | Uint8Array,
    words: readonly string[] = [],
    options: StartOptions = {},
  ) => mode.run(["batch", ...words], { stdin: lines, ...options });

  mode.rule(
    "--timeout kills what takes too long, with all its processes",
    async () => {
      const lines = "sh -c 'sleep 61.3 & sleep 61.3'\ntrue\n";
      const words = ["batch", "--timeout", "1", "--json"];
      const result = await mode.run(words, { stdin: lines });
      const told = parseResults(result.stdout);
      expect(told.find(({ line }) => line === 1)).toMatchObject({
        timedOut: true,
      });
      expect(told.find(({ line }) => line === 2)).toMatchObject({ status: 0 });
      expect(result.stderr).toContain(
        "line 1: it took too long, and was killed",
      );
      await waitUntil(
        "they have ended",
        () => processesWith("sleep 61.3").length === 0,
      );
    },
  );

  mode.rule("--stop-on-failure starts nothing more", async () => {
    const lines = "true\nfalse\necho never\n";
    const words = ["batch", "--stop-on-failure", "-j", "1"];
    const result = await mode.run(words, { stdin: lines });
    expect(result).toMatchObject({ status: FAILED, stdout: "" });
    expect(result.stderr).toContain("2 commands, 1 failed");
  });

  for (const signal of [
    "SIGTERM",
    "SIGINT",
    "SIGHUP",
    "SIGUSR1",
    "SIGALRM",
    "SIGKILL",
  ] as const)
    mode.rule(`${signal} ends it and all that runs`, async () => {
      const running = mode.start(["batch", "-j", "3"], {
        stdin: "sleep 62.4\n".repeat(9),
      });
      await waitUntil(
        "three run",
        () => processesWith("sleep 62.4").length === 3,
      );
      const family = descendants(running.pid);
      expect(family.length).toBeGreaterThanOrEqual(6);
      running.kill(signal);
      expect(await running.ended).toMatchObject({ status: null, signal });
      await waitUntil("all have ended", () => !family.some(processIsAlive));
    });

  mode.rule("a signal that the caller ignores stays ignored", async () => {
    const running = mode.start(["batch"], {
      stdin: "sh -c 'grep SigIgn /proc/self/status; sleep 1.03125'",
      ignore: [1],
    });
    await waitUntil("it runs", () => processesWith("sleep 1.03125").length > 0);
    running.kill("SIGHUP");
    const result = await running.ended;
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toContain("SigIgn:\t0000000000000001");
  });

  mode.rule(
    "commands run as they come, and input is not read ahead",
    async () => {
      const script = `(echo 'echo first'; sleep 1; echo 'echo second') | "$0" batch`;
      const line = ["/bin/sh", "-c", script, mode.program()];
      const begun = start(line);
      await waitUntil("the first has run", () => begun.stdout() === "first\n");
      expect((await begun.ended).stdout).toBe("first\nsecond\n");
      const endless = `yes 'sleep 63.5' | "$0" batch -j 1 & pid=$!; sleep 1; grep VmRSS /proc/$pid/status; kill $pid`;
      const { stdout } = await start(["/bin/sh", "-c", endless, mode.program()])
        .ended;
      expect(Number(/\d+/.exec(stdout)![0])).toBeLessThan(150_000);
    },
  );

  mode.rule("a reader who goes ends it, as it ends anybody", async () => {
    const script = `{ yes 'echo x' | "$0" batch; echo $? >&2; } | head -1`;
    const result = await start(["/bin/sh", "-c", script, mode.program()]).ended;
    expect(result.stdout).toBe("x\n");
    expect(result.stderr).toContain("\n141\n");
  });

  mode.rule("what cannot be written is an error, not lost", async () => {
    const script = `echo 'echo x' | "$0" batch > /dev/full`;
    const result = await start(["/bin/sh", "-c", script, mode.program()]).ended;
    expect(result.status).toBe(124);
    expect(result.stderr).toContain(
      "Cannot write to standard output: no space left on device",
    );
  });

  mode.rule(
    "where no instance can be started it says so once, with 124",
    async () => {
      const options = {
        stdin: "true\n".repeat(50),
        forbid: "by a limit of 0",
      } as const;
      const result = await mode.run(["batch"], options);
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr.match(/Cannot /g)?.length).toBe(1);
      const source = await batch("true\n".repeat(50), [
        "-m",
        "/no/such",
        "/mnt",
      ]);
      expect(source).toMatchObject({ status: 124 });
      expect(source.stderr).toContain('Cannot mount "/no/such" at "/mnt"');
    },
  );
});

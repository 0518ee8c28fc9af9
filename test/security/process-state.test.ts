/** Signals, limits and flags that a process inherits: as the caller had them, inside and behind it. */

import { expect } from "bun:test";
import { helper } from "../harness/helpers.ts";
import {
  descendants,
  processesWith,
  processIsAlive,
  waitUntil,
} from "../harness/processes.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attack } from "./ring.ts";

const same = (title: string, id: string, callers: readonly StartOptions[]) =>
  attack(id, title, async (way) => {
    for (const options of callers) {
      const outside = await runOutside([helper("state")], options);
      const inside = await way.run(["run", helper("state")], options);
      expect(inside.stdout).toBe(outside.stdout);
      expect(inside.status).toBe(0);
    }
  });

attack("A11", "a caller who ignores SIGCHLD gets the status", async (way) => {
  for (const options of [
    { ignore: [17] },
    { block: [17] },
    { ignore: [17], block: [0] },
  ])
    expect(
      (
        await way.run(["run", "sh", "-c", "exit 42"], {
          ...options,
          timeout: 10,
        })
      ).status,
    ).toBe(42);
});

same("the command ignores SIGCHLD where the caller did", "A11", [
  { ignore: [17] },
  {},
]);

same("mask and dispositions are the caller's", "A12", [
  { block: [0] },
  { ignore: [1, 2, 3, 13, 15] },
  { block: [15, 30, 32, 33, 34] },
  { ignore: [30, 34, 64] },
]);

attack(
  "A12",
  "with every signal blocked it still ends with its command, and dies of SIGKILL",
  async (way) => {
    expect(
      (
        await way.run(["run", "sh", "-c", "exit 7"], {
          block: [0],
          timeout: 10,
        })
      ).status,
    ).toBe(7);
    const running = way.start(["run", "sleep", "60.125"], { block: [0] });
    await waitUntil(
      "the command runs",
      () => processesWith("sleep 60.125").length > 0,
    );
    running.kill("SIGKILL");
    await running.ended;
    await waitUntil(
      "it has ended",
      () =>
        descendants(running.pid).length === 0 &&
        !processesWith("sleep 60.125").some((pid) => processIsAlive(pid)),
    );
  },
);

same(
  "SIGPIPE and SIGXFSZ are default or ignored, as the caller had them",
  "A14",
  [{}, { ignore: [13] }, { ignore: [25] }, { ignore: [13, 25] }],
);

same("soft and hard limits of descriptors are the caller's", "A15", [
  { limits: [[7, 256, 4096]] },
  { limits: [[7, 64, 64]] },
  {},
]);

attack(
  "A16",
  "flags of shared pipes are the same during and after, errors and help included",
  async (way) => {
    const script = `
import fcntl, os, subprocess, sys
for command in [["run", "true"], ["run", "sh", "-c", "echo x >&2"], ["bogus"], ["run", "/1"], ["--help"], ["--dry-run", "run", "true"]]:
    ends = [os.pipe() for _ in range(3)]
    before = [fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair]
    process = subprocess.Popen([sys.argv[1], *command], stdin=ends[0][0], stdout=ends[1][1], stderr=ends[2][1])
    seen = set()
    while process.poll() is None:
        seen.add(tuple(fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair))
    seen.add(tuple(fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair))
    print("same" if seen == {tuple(before)} else (command, before, seen))
    for pair in ends: os.close(pair[0]); os.close(pair[1])`;
    const { stdout } = await runOutside([
      "/usr/bin/env",
      "python3",
      "-c",
      script,
      way.program(),
    ]);
    expect(stdout).toBe("same\n".repeat(6));
  },
);

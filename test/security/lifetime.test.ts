/** An instance ends with its launcher. */

import { expect } from "bun:test";
import {
  processesWith,
  processIsAlive,
  waitUntil,
} from "../harness/processes.ts";
import { runOutside } from "../harness/run.ts";
import { reportAttempts } from "./attempts.ts";
import { runPhases } from "./phases.ts";
import { attack, control, SOAK } from "./ring.ts";

attack(
  "A55",
  "killed while the command runs, nothing of it is left",
  async (way) => {
    const word = `60.${way.name === "setuid" ? 511 : 522}`;
    for (const signal of ["SIGKILL", "SIGTERM", "SIGSEGV"] as const) {
      const running = way.start([
        "run",
        "sh",
        "-c",
        `sleep ${word} & sleep ${word}; true`,
      ]);
      await waitUntil(
        "the command runs",
        () => processesWith(`sleep ${word}`).length > 1,
      );
      running.kill(signal);
      await running.ended;
      await waitUntil(
        `${signal} has ended it`,
        () => processesWith(`sleep ${word}`).length === 0,
        3,
      );
    }
  },
);

attack(
  "A55",
  "killed before any call of its child, the launcher leaves no instance",
  async (way) => {
    const word = `60.${way.name === "setuid" ? 533 : 544}`;
    const { calls } = await runPhases(way, "list", ["run", "true"]);
    const step = SOAK ? 1 : Math.ceil(calls.child / 25);
    let attempts = 0;
    for (let call = 0; call < calls.child; call += step, attempts++) {
      // `phases` ends when all that it watches has ended, the child included.
      const { result } = await runPhases(
        way,
        `orphan:${call}:9`,
        ["run", "sleep", word],
        { timeout: 10 },
      );
      expect(result.status).toBe(128 + 9);
      expect(processesWith(`sleep ${word}`)).toEqual([]);
    }
    reportAttempts(
      "A55 kill the launcher before a call of the child",
      way.name,
      { attempts, won: 0 },
    );
  },
);

attack("A55", "killed at a random moment, neither", async (way) => {
  const word = `60.${way.name === "setuid" ? 555 : 566}`;
  const begin = way.starter(["run", "sleep", word]);
  const attempts = SOAK ? 10_000 : 60;
  for (let done = 0; done < attempts; done += 10) {
    const all = Array.from({ length: 10 }, begin);
    await Bun.sleep(Math.random() * 60);
    for (const each of all) each.kill("SIGKILL");
    await Promise.all(all.map((each) => each.ended));
  }
  await waitUntil(
    "all have ended",
    () => processesWith(`sleep ${word}`).length === 0,
    3,
  );
  reportAttempts("A55 kill the launcher at a random moment", way.name, {
    attempts,
    won: 0,
  });
});

attack(
  "A55",
  "stopped and continued before its calls, the launch succeeds or nothing is left",
  async (way) => {
    const running = way.start(["run", "echo", "ran"]);
    for (let times = 0; times < 40 && processIsAlive(running.pid); times++) {
      running.kill("SIGSTOP");
      await Bun.sleep(1);
      running.kill("SIGCONT");
      await Bun.sleep(1);
    }
    expect(await running.ended).toMatchObject({ status: 0, stdout: "ran\n" });
  },
);

control("A55", "a plain child outlives its killed parent", async () => {
  const { stdout } = await runOutside([
    "/bin/bash",
    "-c",
    "sh -c 'sleep 5.577 & echo $!; kill -9 $$' | (read pid; sleep 0.2; kill -0 $pid && echo alive; kill $pid)",
  ]);
  expect(stdout).toBe("alive\n");
});

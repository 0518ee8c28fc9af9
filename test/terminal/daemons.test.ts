/** Daemons: without a terminal, under a supervisor, and when the terminal goes away. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import {
  processesWith,
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { Desk, ruleAsBare } from "./compare.ts";
import { processNumber } from "./session-processes.ts";
import { closeSessions } from "./session.ts";
import { BASH, DASH } from "./shells.table.ts";

const DAEMON =
  "trap 'echo stopped; exit 0' TERM; echo up; while :; do sleep 0.02; done";

forEachMode((mode) => {
  for (const init of [[], ["--init"]]) {
    const suffix = init.length === 0 ? "" : ", with --init";
    for (const before of [[], ["setsid"], ["nohup"]]) {
      mode.rule(
        `a daemon ${before.join("")} stays up and is stopped by TERM${suffix}`,
        async () => {
          const running = mode.start(["run", ...init, "sh", "-c", DAEMON], {
            before,
          });
          await waitUntil("it is up", () => running.stdout() === "up\n");
          await Bun.sleep(100);
          expect(processIsAlive(running.pid)).toBe(true);
          running.kill("SIGTERM");
          expect(await running.ended).toMatchObject({
            status: 0,
            stdout: "up\nstopped\n",
          });
        },
      );
    }

    mode.rule(
      `a daemon that does not handle TERM dies of it${suffix}`,
      async () => {
        const running = mode.start([
          "run",
          ...init,
          "sh",
          "-c",
          "echo up; exec sleep 100",
        ]);
        await waitUntil("it is up", () => running.stdout() === "up\n");
        running.kill("SIGTERM");
        expect(await running.ended).toMatchObject({
          status: null,
          signal: "SIGTERM",
          stderr: "",
        });
      },
    );
  }

  mode.rule(
    "nohup … & survives the shell's end and the terminal's",
    async () => {
      const seconds = `6${Math.floor(Math.random() * 1e9)}.125`;
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        await desk.command(`nohup $RUN sleep ${seconds} >/dev/null 2>&1 &`);
        await desk.runs(`sleep ${seconds}`);
        const pid = desk.find(`sleep ${seconds}`)[0]!;
        const selfdock = processNumber(pid, "parent");
        await closeSessions();
        await Bun.sleep(200);
        expect(processIsAlive(pid)).toBe(true);
        process.kill(selfdock, "SIGTERM");
        await waitUntil(
          "it has ended",
          () => processesWith(seconds).length === 0,
        );
      } finally {
        await closeSessions();
        for (const pid of processesWith(seconds)) process.kill(pid, "SIGKILL");
      }
    },
  );

  mode.rule("setsid takes it out of the session", async () => {
    const seconds = `6${Math.floor(Math.random() * 1e9)}.125`;
    const desk = new Desk(BASH, mode.before(), {});
    try {
      await desk.prompt();
      await desk.command(
        `setsid -f $RUN sleep ${seconds} </dev/null >/dev/null 2>&1`,
      );
      await waitUntil("it runs", () =>
        processesWith(`sleep ${seconds}`).some(
          (pid) => statusField(pid, "Name") === "sleep",
        ),
      );
      await closeSessions();
      await Bun.sleep(200);
      const left = processesWith(`sleep ${seconds}`);
      expect(left.length).toBeGreaterThanOrEqual(2);
      process.kill(
        left.find((pid) => statusField(pid, "Name") !== "sleep")!,
        "SIGTERM",
      );
      await waitUntil(
        "it has ended",
        () => processesWith(seconds).length === 0,
      );
    } finally {
      await closeSessions();
      for (const pid of processesWith(seconds)) process.kill(pid, "SIGKILL");
    }
  });

  for (const shell of [BASH, DASH]) {
    mode.rule(
      `${shell.name}: a terminal that goes away ends what runs on it`,
      async () => {
        const seconds = `6${Math.floor(Math.random() * 1e9)}.125`;
        const desk = new Desk(shell, mode.before(), {});
        try {
          await desk.prompt();
          desk.line(`$RUN sleep ${seconds}`);
          await desk.runsInFront(`sleep ${seconds}`);
          await closeSessions();
          await waitUntil(
            "nothing is left",
            () => processesWith(seconds).length === 0,
          );
        } finally {
          for (const pid of processesWith(seconds))
            process.kill(pid, "SIGKILL");
        }
      },
    );
  }

  ruleAsBare(mode, "setsid --wait on a terminal", async (desk) => {
    await desk.command("setsid --wait $RUN sh -c 'echo hello; exit 6'");
    await desk.status();
  });

  ruleAsBare(mode, "nohup: HUP does not end it", async (desk) => {
    await desk.command("nohup $RUN sleep 1 >/dev/null 2>&1 &");
    await desk.runs("sleep 1");
    desk.line("kill -HUP $!; wait $!");
    await desk.prompt();
    await desk.status();
    desk.conceal(/^\[1\].*$/m, "JOB");
  });
});

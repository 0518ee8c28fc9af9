/**
 * Keys pressed and signals sent while an instance is still starting count as
 * any other: at no moment is one lost, nor does one leave half of it behind.
 */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import type { Mode } from "../harness/modes.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { Desk } from "./compare.ts";
import { END, INTERRUPT, SUSPEND } from "./keys.ts";
import { moments } from "./moments.ts";
import { processNumber, sessionProcesses } from "./session-processes.ts";
import { closeSessions } from "./session.ts";
import { BASH } from "./shells.table.ts";

/** How long a start takes at the most, milliseconds. */
const START = 60;
const ROUNDS = process.env["SELFDOCK_SOAK"] === "1" ? 500 : 25;

async function atDesk(
  mode: Mode,
  body: (desk: Desk) => Promise<void>,
  options: readonly string[] = [],
) {
  const desk = new Desk(BASH, mode.before(options), {});
  try {
    await desk.prompt();
    await body(desk);
  } finally {
    await closeSessions();
  }
}

forEachMode((mode) => {
  mode.rule("Ctrl-C while it starts ends it, whenever it comes", () =>
    atDesk(mode, async (desk) => {
      for (const moment of moments("early Ctrl-C", ROUNDS, START)) {
        desk.line("$RUN sleep 100");
        await waitUntil(
          "the job has the terminal",
          () => desk.foreground() !== desk.pid,
        );
        await Bun.sleep(moment);
        desk.type(INTERRUPT);
        await desk.prompt(`Ctrl-C after ${moment} ms`);
        await desk.command("echo status:$?");
        expect(desk.screen).toMatch(/status:130\r\n[^\n]*$/);
      }
    }),
  );

  mode.rule("Ctrl-Z while it starts stops it, whenever it comes", () =>
    atDesk(mode, async (desk) => {
      for (const moment of moments("early Ctrl-Z", ROUNDS, START)) {
        desk.line("$RUN sleep 100");
        await waitUntil(
          "the job has the terminal",
          () => desk.foreground() !== desk.pid,
        );
        await Bun.sleep(moment);
        desk.type(SUSPEND);
        await desk.prompt(`Ctrl-Z after ${moment} ms`);
        desk.line("fg");
        await desk.runsInFront("sleep 100");
        desk.type(INTERRUPT);
        await desk.prompt();
      }
    }),
  );

  mode.rule("keys act while --data is typed: Ctrl-C, Ctrl-Z, the end", () =>
    atDesk(
      mode,
      async (desk) => {
        const begin = async () => {
          desk.line("$RUN cat /typed 3<&0");
          await waitUntil(
            "the job has the terminal",
            () => desk.foreground() !== desk.pid,
          );
        };
        await begin();
        desk.line("to no end");
        desk.type(INTERRUPT);
        await desk.prompt("Ctrl-C");
        await desk.command("echo status:$?");
        expect(desk.screen).toMatch(/status:130\r\n[^\n]*$/);
        await begin();
        desk.type(SUSPEND);
        await desk.prompt("Ctrl-Z");
        desk.line("fg");
        await waitUntil(
          "it is in front again",
          () => desk.foreground() !== desk.pid,
        );
        desk.line("to its end");
        desk.type(END);
        await desk.see(/to its end\r\nto its end\r\n/);
        await desk.prompt("the end");
      },
      ["--data", "3", "/typed"],
    ),
  );

  mode.rule("a reader in the background never spins", () =>
    atDesk(mode, async (desk) => {
      for (let round = 0; round < ROUNDS; round++) {
        await desk.command("$RUN cat -u &");
        const stopped = (): boolean =>
          sessionProcesses(desk.pid).every(
            (pid) =>
              pid === desk.pid ||
              statusField(pid, "State")!.startsWith("T") ||
              // A relay has nothing to stop for.
              (processNumber(pid, "parent") !== desk.pid &&
                desk.find("cat -u")[0] !== pid),
          ) && desk.find("cat -u").length === 1;
        await waitUntil("all of it is stopped", stopped, 5);
        await desk.command("kill -KILL $!");
        await waitUntil("it has ended", () => desk.find("cat -u").length === 0);
      }
    }),
  );

  mode.rule("TERM while it starts ends it, whenever it comes", async () => {
    for (const moment of moments("early TERM", ROUNDS, START)) {
      const running = mode.start(["run", "sleep", "100"]);
      await waitUntil(
        "selfdock runs",
        () => statusField(running.pid, "Name") === "selfdock",
      );
      await Bun.sleep(moment);
      running.kill("SIGTERM");
      expect(await running.ended).toMatchObject({
        signal: "SIGTERM",
        stderr: "",
      });
    }
  });
});

/** What an idle instance costs: processes of one thread and a few kilobytes each. */

import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { forEachMode } from "../harness/modes.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { Desk } from "./compare.ts";
import { INTERRUPT } from "./keys.ts";
import { processNumber, sessionProcesses } from "./session-processes.ts";
import { closeSessions } from "./session.ts";
import { BASH } from "./shells.table.ts";

/** Kilobytes: its own memory, and its share of what others have too. */
function pss(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(/^Pss: +([0-9]+) kB$/m.exec(text)![1]);
}

forEachMode((mode) => {
  for (const init of [[], ["--init"]]) {
    mode.rule(
      `the idle supervisor ${init.join("")}: one thread, at most 100 kB`,
      async () => {
        const desk = new Desk(BASH, mode.before(init), {});
        try {
          await desk.prompt();
          desk.line("$RUN sleep 100");
          const pid = await desk.runsInFront("sleep 100");
          const ours = sessionProcesses(desk.pid).filter(
            (each) => each !== desk.pid && each !== pid,
          );
          // The supervisor, its relay, and the init.
          expect(ours.length).toBe(2 + init.length);
          for (const each of ours) {
            expect(readdirSync(`/proc/${each}/task`)).toEqual([String(each)]);
            expect(pss(each)).toBeLessThanOrEqual(100);
          }
          expect(
            ours.some((each) => processNumber(each, "parent") === desk.pid),
          ).toBe(true);
        } finally {
          await closeSessions();
        }
      },
    );
  }

  mode.rule("a relay that is stopped goes on, and stays alone", async () => {
    const desk = new Desk(BASH, [mode.program(), "run"], {});
    try {
      await desk.prompt();
      desk.line("$RUN sleep 100");
      const pid = await desk.runsInFront("sleep 100");
      const relays = () =>
        sessionProcesses(desk.pid).filter(
          (each) =>
            each !== pid &&
            each !== desk.pid &&
            processNumber(each, "parent") !== desk.pid,
        );
      const [relay, ...others] = relays();
      expect(others).toEqual([]);
      for (let round = 0; round < 10; round++) {
        process.kill(relay!, "SIGSTOP");
        await waitUntil("it goes on", () =>
          statusField(relay!, "State")!.startsWith("S"),
        );
        expect(relays()).toEqual([relay!]);
      }
      desk.type(INTERRUPT);
      await desk.prompt();
    } finally {
      await closeSessions();
    }
  });
});

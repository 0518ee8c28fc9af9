/**
 * SIGKILL on selfdock at any moment, from its start to its end, leaves no
 * process of the instance; neither does the death of the instance's pid 1.
 */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { descendants, processesWith, waitUntil } from "../harness/processes.ts";
import { moments } from "./moments.ts";

const ROUNDS = process.env["SELFDOCK_SOAK"] === "1" ? 1000 : 60;

/** How long a whole run takes, milliseconds, with the sleep of its command. */
const WHOLE = 90;

/** Words that no other process of this host has. */
function unique(): string {
  return `9${Math.floor(Math.random() * 1e9)}.125`;
}

forEachMode((mode) => {
  for (const init of [[], ["--init"]]) {
    const suffix = init.length === 0 ? "" : ", with --init";
    mode.rule(`SIGKILL at random moments leaves nothing${suffix}`, async () => {
      let ended = 0;
      const name = `SIGKILL ${mode.name}${suffix}`;
      for (const moment of moments(name, ROUNDS / (init.length + 1), WHOLE)) {
        const mark = unique();
        const script = `setsid sleep ${mark} & sleep ${mark} & sleep 0.05; : ${mark}`;
        const running = mode.start(["run", ...init, "sh", "-c", script]);
        await Bun.sleep(moment);
        running.kill("SIGKILL");
        if ((await running.ended).status === 0) ended++;
        await waitUntil(
          `nothing is left of a run killed after ${moment} ms`,
          () => processesWith(mark).length === 0,
          5,
        );
      }
      // The moments reach from before the start to behind the end.
      expect(ended).toBeLessThan(ROUNDS / (init.length + 1) / 2);
    });

    mode.rule(`the death of pid 1 takes its descendants${suffix}`, async () => {
      const mark = unique();
      const script = `setsid sh -c "nohup sleep ${mark} & sleep ${mark}" & echo ready; exec sleep ${mark}`;
      const running = mode.start(["run", ...init, "sh", "-c", script]);
      await waitUntil(
        "all of it runs",
        () => processesWith(`sleep ${mark}`).length >= 4,
      );
      const [first] = descendants(running.pid);
      process.kill(first!, "SIGKILL");
      expect(await running.ended).toMatchObject({
        status: null,
        signal: "SIGKILL",
        stderr: "",
      });
      await waitUntil(
        "nothing is left",
        () => processesWith(mark).length === 0,
      );
    });
  }
});

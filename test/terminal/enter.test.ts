/** Job control of what enters an instance: as of the same command without selfdock. */

import { forEachMode } from "../harness/modes.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { ruleAsBare, type Scenario } from "./compare.ts";
import { endsSleep, stopsAndResumes } from "./job-scenarios.ts";
import { END, INTERRUPT, QUIT, SUSPEND } from "./keys.ts";
import { BASH, DASH, PROMPT } from "./shells.table.ts";

/** A shell is entered with, the jobs are its own, and it ends with status 3. */
const JOBS_INSIDE: Scenario = async (desk) => {
  const type = async (text: string) => {
    desk.line(text);
    await desk.see("\n");
    await desk.see(PROMPT);
  };
  await type(`$RUN ${desk.shell.join(" ")}`);
  desk.line("sleep 100");
  await desk.runsInside("sleep 100");
  desk.type(INTERRUPT);
  await desk.see(PROMPT);
  await type("echo status:$?");
  desk.line("cat -u");
  await desk.runsInside("cat -u");
  desk.type(SUSPEND);
  await desk.see(PROMPT);
  await type("jobs");
  desk.line("fg");
  await desk.runsInside("cat -u");
  desk.line("typed");
  await desk.see("typed\r\ntyped\r\n");
  desk.type(END);
  await desk.see(PROMPT);
  desk.line("exit 3");
  await desk.prompt();
  await desk.status();
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "Ctrl-C ends sleep": endsSleep(INTERRUPT, "runsInside"),
  "Ctrl-\\ ends sleep": endsSleep(QUIT, "runsInside"),
  "Ctrl-Z stops cat, fg resumes it": stopsAndResumes("runsInside"),
  "a shell has jobs of its own": JOBS_INSIDE,
};

forEachMode((mode) => {
  for (const shell of [BASH, DASH])
    for (const [name, scenario] of Object.entries(SCENARIOS))
      ruleAsBare(mode, `${shell.name}: ${name}`, scenario, {
        shell,
        before: async () => {
          const instance = mode.start(["run", "sleep", "600"]);
          await waitUntil("the instance runs", () =>
            descendants(instance.pid).some(
              (pid) => statusField(pid, "Name") === "sleep",
            ),
          );
          return [mode.program(), "enter", String(instance.pid)];
        },
      });
});

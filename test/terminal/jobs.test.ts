/** Jobs from outside: selfdock is a job of the person's shell like the command itself. */

import { forEachMode } from "../harness/modes.ts";
import { ruleAsBare } from "./compare.ts";
import type { Scenario } from "./compare.ts";
import { endsSleep, stopsAndResumes } from "./job-scenarios.ts";
import { END, INTERRUPT, QUIT, SUSPEND } from "./keys.ts";
import { BASH, SHELLS } from "./shells.table.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "Ctrl-C ends sleep": endsSleep(INTERRUPT, "runsInFront"),
  "Ctrl-\\ ends sleep": endsSleep(QUIT, "runsInFront"),

  "Ctrl-Z stops cat, fg resumes it": stopsAndResumes("runsInFront"),

  "in the background a reader of the terminal is stopped": async (desk) => {
    desk.line("$RUN cat -u");
    await desk.runsInFront("cat -u");
    desk.type(SUSPEND);
    await desk.prompt();
    await desk.command("bg");
    await desk.stops("cat -u");
    await desk.command("jobs");
    desk.line("fg");
    await desk.runsInFront("cat -u");
    desk.line("typed");
    await desk.see("typed\r\ntyped\r\n");
    desk.type(END);
    await desk.prompt();
    await desk.status();
  },

  "started in the background a reader is stopped": async (desk) => {
    await desk.command("$RUN cat -u &");
    await desk.stops("cat -u");
    await desk.command("jobs");
    desk.line("fg");
    await desk.runsInFront("cat -u");
    desk.type(INTERRUPT);
    await desk.prompt();
    await desk.status();
  },

  "a job in the background is ended by kill %1": async (desk) => {
    await desk.command("$RUN sleep 100 &");
    await desk.runs("sleep 100");
    desk.line("kill %1; wait %1");
    await desk.prompt();
    await desk.status();
    await desk.command("jobs");
  },

  "a script that was stopped goes on and reads": async (desk) => {
    const script = "echo on; read line; echo $line";
    desk.line(`$RUN /bin/sh -c '${script}'`);
    await desk.see(/[\r\n]on\r\n/);
    await desk.runsInFront(`/bin/sh -c ${script}`);
    desk.type(SUSPEND);
    await desk.prompt();
    await desk.stops(`/bin/sh -c ${script}`);
    await desk.command("bg");
    await desk.stops(`/bin/sh -c ${script}`);
    desk.line("fg");
    await desk.runsInFront(`/bin/sh -c ${script}`);
    desk.line("word");
    await desk.see("word\r\nword\r\n");
    await desk.prompt();
    await desk.status();
  },
};

forEachMode(
  (mode) => {
    // Shells tell a baked file from another program as little as any.
    for (const shell of mode.name === "baked" ? [BASH] : SHELLS) {
      for (const [name, scenario] of Object.entries(SCENARIOS))
        ruleAsBare(mode, `${shell.name}: ${name}`, scenario, { shell });
    }
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const words = ["--init"];
      ruleAsBare(mode, `with --init: ${name}`, scenario, { words });
    }
  },
  ["baked"],
);

/** Job control inside: a shell in an instance acts as the same shell without one. */

import { forEachMode } from "../harness/modes.ts";
import { ruleAsBare } from "./compare.ts";
import type { Scenario } from "./compare.ts";
import { END, INTERRUPT, SUSPEND } from "./keys.ts";
import { BASH, DASH, PROMPT, SHELLS } from "./shells.table.ts";

/** Types a line and waits for the prompt of the shell inside. */
type Type = (text: string) => Promise<void>;

/** A shell is started, the scenario played in it, and it ends with status 3. */
function inside(
  words: readonly string[],
  body: (type: Type, ...rest: Parameters<Scenario>) => Promise<void>,
): Scenario {
  return async (desk) => {
    const type: Type = async (text) => {
      desk.line(text);
      await desk.see("\n");
      await desk.see(PROMPT);
    };
    await type(`$RUN ${words.join(" ")}`);
    await body(type, desk);
    desk.line("exit 3");
    await desk.prompt();
    await desk.status();
  };
}

forEachMode((mode) => {
  const cases = [
    ...SHELLS.map((shell) => ({ shell, words: [] as readonly string[] })),
    { shell: BASH, words: ["--init"] },
    { shell: DASH, words: ["--init"] },
  ];
  for (const { shell, words } of cases) {
    const title = [shell.name, ...words].join(" ");
    const add = (name: string, body: Parameters<typeof inside>[1]) =>
      ruleAsBare(mode, `${title}: ${name}`, inside(shell.command, body), {
        needs: shell.needs,
        words,
      });

    add(
      "it starts without a warning and ends with its status",
      async (type) => {
        await type("echo hello");
        await type("set -o | grep monitor | tr -d ' \\t'");
      },
    );

    add("Ctrl-C ends an inner job only", async (type, desk) => {
      desk.line("sleep 100");
      await desk.runsInside("sleep 100");
      desk.type(INTERRUPT);
      await desk.see(PROMPT);
      await type("echo status:$?");
    });

    add("Ctrl-Z, jobs, bg and fg act on inner jobs", async (type, desk) => {
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
      await type("echo status:$?");
      await type("sleep 100 &");
      await type("kill %1; wait %1 2>/dev/null");
    });
  }

  ruleAsBare(
    mode,
    "Ctrl-D ends a shell inside, and the shell outside goes on",
    async (desk) => {
      desk.line(`$RUN ${BASH.command.join(" ")}`);
      await desk.see("\n");
      await desk.see(PROMPT);
      desk.type(END);
      await desk.see("exit\r\n");
      await desk.prompt();
      await desk.status();
    },
  );

  ruleAsBare(
    mode,
    "the size is the terminal's, and follows it",
    async (desk) => {
      const script =
        "trap 'stty size; exit 4' WINCH; stty size; while :; do sleep 0.05; done";
      desk.line(`$RUN sh -c "${script}"`);
      await desk.see("24 80\r\n");
      desk.resize(100, 40);
      await desk.see("40 100\r\n");
      await desk.prompt();
      await desk.status();
      desk.resize(80, 24);
    },
  );
});

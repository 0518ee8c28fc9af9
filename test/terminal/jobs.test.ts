/** Jobs from outside: selfdock is a job of the person's shell like the command itself. */

import { forEachMode } from "../harness/modes.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { ruleAsBare } from "./compare.ts";
import { SHELLS } from "./shells.table.ts";

const INTERRUPT = "\u0003";
const QUIT = "\u001c";
const SUSPEND = "\u001a";
const END = "\u0004";

forEachMode((mode) => {
  for (const shell of SHELLS) {
    const add = (name: string, scenario: Parameters<typeof ruleAsBare>[2]) =>
      ruleAsBare(mode, `${shell.name}: ${name}`, scenario, { shell });

    for (const [key, byte] of [
      ["Ctrl-C", INTERRUPT],
      ["Ctrl-\\", QUIT],
    ] as const) {
      add(`${key} ends sleep, with the shell's usual status`, async (desk) => {
        const seconds = desk.unique("LONG");
        desk.line(`$RUN sleep ${seconds}`);
        await desk.runs(`sleep ${seconds}`);
        desk.type(byte);
        await desk.prompt();
        await desk.status();
      });
    }

    add("Ctrl-Z stops cat, fg resumes it", async (desk) => {
      desk.line("$RUN cat -u");
      await desk.runs("cat -u");
      desk.line("first");
      await desk.see("first\r\nfirst\r\n");
      desk.type(SUSPEND);
      await desk.prompt();
      await desk.command("jobs");
      desk.line("fg");
      await desk.see("\n");
      desk.line("second");
      await desk.see("second\r\nsecond\r\n");
      desk.type(END);
      await desk.prompt();
      await desk.status();
    });

    add("bg: a job that reads the terminal is stopped, and does not spin", async (desk) => {
      desk.line("$RUN cat -u");
      const cat = await desk.runs("cat -u");
      desk.type(SUSPEND);
      await desk.prompt();
      await desk.command("bg");
      await waitUntil("cat is stopped again", () =>
        statusField(cat, "State")!.startsWith("T"),
      );
      await desk.command("jobs");
      desk.line("fg");
      await desk.see("\n");
      desk.line("typed");
      await desk.see("typed\r\ntyped\r\n");
      desk.type(END);
      await desk.prompt();
      await desk.status();
    });
  }
});

/** selfdock's own words: on stderr, with its name, in colour only where somebody sees it. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { Desk, ruleAsBare } from "./compare.ts";
import { closeSessions } from "./session.ts";
import { BASH } from "./shells.table.ts";

const COLOUR = /\u001b\[[0-9;]*m/;

forEachMode((mode) => {
  mode.rule("errors go to stderr, each line with the name", async () => {
    for (const args of [
      ["--bogus"],
      ["run"],
      ["run", "no-such-command"],
      ["-r", "/nowhere", "run", "true"],
    ]) {
      const result = await mode.run(args);
      expect(result.stdout).toBe("");
      expect(result.stderr).toMatch(
        /^selfdock: [^\n]+\n(?:selfdock: hint: [^\n]+\n)?$/,
      );
      expect(result.stderr).not.toMatch(COLOUR);
    }
  });

  // A baked file's messages have none.
  for (const [env, coloured] of mode.name === "baked"
    ? []
    : ([
        [{}, true],
        [{ NO_COLOR: "1" }, false],
        [{ NO_COLOR: "" }, true],
        [{ TERM: "dumb" }, false],
      ] as const)) {
    mode.rule(
      `on a terminal with ${JSON.stringify(env)}: ${coloured ? "" : "no "}colour`,
      async () => {
        const desk = new Desk(BASH, mode.before(), { env });
        try {
          await desk.prompt();
          desk.line(
            "$RUN no-such-command 2>/dev/null; echo; $RUN no-such-command; echo status:$?",
          );
          const shown = await desk.see("status:127");
          const message = shown.slice(shown.lastIndexOf("status:$?") + 9);
          expect(COLOUR.test(message)).toBe(coloured);
          expect(message).toContain("selfdock:");
          await desk.prompt();
        } finally {
          await closeSessions();
        }
      },
    );
  }

  ruleAsBare(mode, "nothing is printed when all is well", async (desk) => {
    await desk.command("$RUN true");
    await desk.status();
    await desk.command("$RUN sh -c 'exit 9'");
    await desk.status();
    await desk.command("$RUN echo one && $RUN echo two || $RUN echo three");
  });
});

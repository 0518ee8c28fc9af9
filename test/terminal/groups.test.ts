/** Process groups: pipelines and scripts on a terminal, and what is left behind. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { waitUntil } from "../harness/processes.ts";
import { runOutside } from "../harness/run.ts";
import { makeRoom } from "../harness/room.ts";
import { Desk, ruleAsBare } from "./compare.ts";
import type { Scenario } from "./compare.ts";
import { END, INTERRUPT, SUSPEND } from "./keys.ts";
import { closeSessions } from "./session.ts";
import { processNumber } from "./session-processes.ts";
import { BASH, PROMPT, SHELLS } from "./shells.table.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "a pipeline into less reads keys, and q ends it": async (desk) => {
    desk.line("$RUN seq 1000 | $RUN /usr/bin/less");
    await desk.see("\n23\r\n");
    await desk.runsInFrontOfAll("/usr/bin/less");
    desk.type(" ");
    await desk.see("\n46\r\n");
    desk.type("q");
    await desk.prompt();
    await desk.status();
  },

  "Ctrl-C ends all of a pipeline": async (desk) => {
    desk.line("$RUN sleep 100 | $RUN cat -u");
    await desk.runs("cat -u");
    await desk.runsInFrontOfAll("sleep 100");
    desk.type(INTERRUPT);
    await desk.prompt();
    await desk.status();
  },

  "Ctrl-Z stops all of a pipeline, fg resumes it": async (desk) => {
    desk.line("$RUN cat -u | $RUN tr a-z A-Z");
    await desk.runs("tr a-z A-Z");
    await desk.runsInFrontOfAll("cat -u");
    desk.type(SUSPEND);
    await desk.prompt();
    await desk.stops("cat -u");
    await desk.stops("tr a-z A-Z");
    desk.line("fg");
    await desk.runsInFrontOfAll("cat -u");
    desk.line("typed");
    desk.type(END);
    await desk.see("TYPED\r\n");
    await desk.prompt();
    await desk.status();
  },

  "a script reads the terminal after an instance": async (desk) => {
    const script =
      "$RUN true; echo A; read a; $RUN cat; echo B; read b; echo $a-$b";
    desk.line(`sh -c '${script}'`);
    await desk.see(/[\r\n]A\r\n/);
    desk.line("one");
    await desk.runsInFrontOfAll("cat");
    desk.line("two");
    await desk.see("two\r\ntwo\r\n");
    desk.type(END);
    await desk.see("B\r\n");
    desk.line("three");
    await desk.see("one-three\r\n");
    await desk.prompt();
    await desk.status();
  },

  "Ctrl-C ends a script with its instance": async (desk) => {
    desk.line("sh -c '$RUN sleep 100; echo not here'");
    await desk.runs("sleep 100");
    desk.type(INTERRUPT);
    await desk.prompt();
    await desk.status();
  },

  "a shell inside a script has job control": async (desk) => {
    desk.line("sh -c '$RUN bash --norc --noprofile -i; read line; echo $line'");
    await desk.see("\n");
    await desk.see(PROMPT);
    desk.line("sleep 100");
    await desk.runsInside("sleep 100");
    desk.type(INTERRUPT);
    await desk.see(PROMPT);
    desk.line("exit");
    await desk.see("exit\r\n");
    await desk.see("exit\r\n");
    desk.line("afterwards");
    await desk.see("afterwards\r\nafterwards\r\n");
    await desk.prompt();
    await desk.status();
  },
};

forEachMode((mode) => {
  for (const shell of SHELLS) {
    for (const [name, scenario] of Object.entries(SCENARIOS))
      ruleAsBare(mode, `${shell.name}: ${name}`, scenario, {
        shell,
        needs: ["program:less"],
      });
    ruleAsBare(
      mode,
      `${shell.name}: modes that the command has set stay`,
      async (desk) => {
        desk.line("$RUN stty -echo -ixon");
        await desk.prompt();
        desk.note(desk.modes());
        desk.line("echo done");
        await desk.see("done\r\n");
        await desk.prompt();
      },
      { shell },
    );
  }

  mode.rule(
    "a command that is killed while its job had the terminal: a script reads on",
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        desk.line(
          "sh -c '$RUN bash --norc --noprofile -i; read line; echo got:$line'",
        );
        await desk.see("\n");
        await desk.see(PROMPT);
        desk.line("sleep 100");
        await desk.runsInside("sleep 100");
        process.kill(
          desk.find("bash --norc --noprofile -i").at(-1)!,
          "SIGKILL",
        );
        const script = desk.find(
          "sh -c $RUN bash --norc --noprofile -i; read line; echo got:$line",
        )[0]!;
        await waitUntil(
          "the script has the terminal",
          () => desk.foreground() === processNumber(script, "group"),
        );
        desk.line("word");
        await desk.see("got:word\r\n");
        await desk.prompt();
      } finally {
        await closeSessions();
      }
    },
  );

  mode.rule(
    "the flags and the offset of a shared file are the command's doing",
    async () => {
      const room = makeRoom({ file: "abcdefghij" });
      const python = `
import fcntl, os, subprocess, sys
fd = os.open(sys.argv[1], os.O_RDWR)
before = fcntl.fcntl(fd, fcntl.F_GETFL)
subprocess.run(sys.argv[2:] + ["dd", "bs=1", "count=3"], stdin=fd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(os.lseek(fd, 0, os.SEEK_CUR), before == fcntl.fcntl(fd, fcntl.F_GETFL))`;
      const script = `python3 -c '${python}' ${room}/file`;
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        for (const fd of [0, 1, 2]) {
          const flags = (): Promise<string> =>
            Bun.file(`/proc/${desk.pid}/fdinfo/${fd}`).text();
          const before = await flags();
          await desk.command("$RUN true; $RUN no-such-command");
          expect(await flags()).toBe(before);
        }
        const result = await runOutside([
          "/bin/sh",
          "-c",
          `${script} ${mode.before().join(" ")}`,
        ]);
        expect(result.stdout).toBe("3 True\n");
      } finally {
        await closeSessions();
      }
    },
  );
});

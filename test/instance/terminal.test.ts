/** On a real terminal: programs that need one work as without selfdock. */

import { expect } from "bun:test";
import { forEachMode, type Mode } from "../harness/modes.ts";
import { waitUntil } from "../harness/processes.ts";

/** selfdock on a terminal of its own, as the ordinary user. */
function onTerminal(mode: Mode, args: readonly string[]) {
  let screen = "";
  const child = Bun.spawn(
    [
      "setpriv",
      "--reuid",
      "1000",
      "--regid",
      "1000",
      "--clear-groups",
      mode.program(),
      ...args,
    ],
    {
      cwd: "/",
      env: { PATH: process.env["PATH"]!, TERM: "xterm", HOME: "/" },
      terminal: {
        cols: 80,
        rows: 24,
        data: (_terminal, data) => {
          screen += Buffer.from(data).toString("utf8");
        },
      },
    },
  );
  return {
    screen: () => screen,
    type: (text: string) => child.terminal!.write(text),
    status: async () => {
      const status = await Promise.race([
        child.exited,
        Bun.sleep(10_000).then(() => "still running"),
      ]);
      child.kill("SIGKILL");
      child.terminal!.close();
      return status;
    },
  };
}

forEachMode((mode) => {
  mode.ruleWith(
    "htop starts, shows the instance, and quits with q",
    ["program:htop"],
    async () => {
      const session = onTerminal(mode, ["run", "htop"]);
      await waitUntil("its footer is drawn", () =>
        session.screen().includes("Quit"),
      );
      expect(session.screen()).toMatch(/Load average/);
      session.type("q");
      expect(await session.status()).toBe(0);
    },
  );

  mode.rule(
    "tty, isatty, the size and /dev/tty are those of the caller's terminal",
    async () => {
      const script =
        "test -t 0 && test -t 1 && test -t 2 && stty size && echo direct > /dev/tty && tty";
      const session = onTerminal(mode, ["run", "sh", "-c", script]);
      const status = await session.status();
      expect(session.screen()).toContain("24 80\r\ndirect\r\n");
      expect(session.screen()).toMatch(/\/dev\/(console|pts\/[0-9]+)\r\n/);
      expect(status).toBe(0);
    },
  );

  mode.rule(
    "what is typed reaches the command, and the end of input ends it",
    async () => {
      const session = onTerminal(mode, [
        "run",
        "sh",
        "-c",
        "read -r line; echo got:$line; cat",
      ]);
      session.type("hello\n");
      await waitUntil("the line is read", () =>
        session.screen().includes("got:hello"),
      );
      session.type("\u0004");
      expect(await session.status()).toBe(0);
    },
  );

  mode.rule(
    "modes that the command has set are left as it left them",
    async () => {
      const shell = `${mode.program()} run stty -echo; stty -a | grep -o -- '-echo ' ; stty echo`;
      const session = onTerminal(mode, ["run", "true"]);
      await session.status();
      const outside = Bun.spawn(
        [
          "setpriv",
          "--reuid",
          "1000",
          "--regid",
          "1000",
          "--clear-groups",
          "sh",
          "-c",
          shell,
        ],
        {
          cwd: "/",
          env: { PATH: process.env["PATH"]!, TERM: "xterm" },
          terminal: {
            cols: 80,
            rows: 24,
            data: (_terminal, data) => (screen += Buffer.from(data).toString()),
          },
        },
      );
      let screen = "";
      await outside.exited;
      outside.terminal!.close();
      expect(screen).toContain("-echo ");
    },
  );
});

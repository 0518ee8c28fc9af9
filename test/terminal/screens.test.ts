/** Programs that take the whole screen: they start, follow the size, read keys, and leave the terminal as without selfdock. */

import { forEachMode } from "../harness/modes.ts";
import { commandLine, processesWith, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { Desk, ruleAsBare } from "./compare.ts";
import { INTERRUPT, SUSPEND } from "./keys.ts";
import { processNumber } from "./session-processes.ts";
import { closeSessions } from "./session.ts";
import { BASH, DASH } from "./shells.table.ts";

const LINES = Array.from({ length: 200 }, (_, n) => `row ${n + 1}\n`).join("");

forEachMode((mode) => {
  ruleAsBare(
    mode,
    "less follows the size, and q ends it",
    async (desk) => {
      const room = makeRoom({ file: LINES });
      await desk.command(`cd ${room}`);
      desk.line("$RUN less file");
      await desk.see("row 23");
      await desk.runsInFront("less file");
      desk.resize(80, 40);
      await desk.see("row 39");
      desk.type("q");
      await desk.prompt();
      desk.resize(80, 24);
      await desk.status();
      desk.conceal(room, "ROOM");
    },
    { shell: DASH, needs: ["program:less"] },
  );

  mode.ruleWith(
    "vi follows the size, and is left by :q!",
    ["program:vi"],
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        const room = makeRoom({ file: LINES });
        await desk.command(`cd ${room}`);
        desk.line("$RUN vi -u NONE file");
        await desk.see("row 23");
        desk.resize(80, 40);
        await desk.see("row 39");
        desk.line(":q!");
        await desk.prompt();
      } finally {
        await closeSessions();
      }
    },
  );

  mode.ruleWith(
    "htop follows the size, and q ends it",
    ["program:htop"],
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        desk.line("$RUN htop");
        await desk.see("Quit");
        desk.resize(100, 40);
        // Its last line, at the new bottom.
        await desk.see("\u001b[40;");
        desk.type("q");
        await desk.prompt();
      } finally {
        await closeSessions();
      }
    },
  );

  mode.ruleWith(
    "tmux runs inside, on terminals of the instance's own",
    ["program:tmux"],
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        desk.line(
          "$RUN tmux -f /dev/null new 'tty; read x; echo got:$x; read y'",
        );
        await desk.see("/dev/pts/0");
        desk.line("word");
        await desk.see("got:word");
        desk.line("");
        await desk.see("[exited]");
        await desk.prompt();
        await desk.command("echo status:$?");
      } finally {
        await closeSessions();
      }
    },
  );

  mode.ruleWith(
    "in tmux: jobs, keys and sizes are those of its window",
    ["program:tmux"],
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      const socket = `${makeRoom()}/tmux`;
      const script = `: ${socket}; echo up; read x; echo got:$x; read y; stty size`;
      try {
        await desk.prompt();
        desk.line(
          `tmux -S ${socket} -f /dev/null new 'PS1=@@ exec ${BASH.command.join(" ")}'`,
        );
        await desk.see("\n");
        await desk.see("@@");
        desk.line("$RUN sh -c 'stty size; exec sleep 100'");
        await desk.see("23 80");
        desk.type(INTERRUPT);
        desk.line("echo status:$?");
        await desk.see("status:130");
        desk.line(`$RUN sh -c '${script}'`);
        await desk.see("up");
        desk.type(SUSPEND);
        await desk.see("Stopped");
        desk.line("fg");
        // What is typed before it has the terminal is the shell's.
        await waitUntil("it has the terminal", () =>
          processesWith(script).some(
            (pid) =>
              commandLine(pid).startsWith("sh -c") &&
              processNumber(pid, "foreground") === processNumber(pid, "group"),
          ),
        );
        desk.line("word");
        await desk.see("got:word");
        desk.resize(100, 40);
        // tmux tells its window when it finds time; what is typed may overtake that.
        const size = ["display", "-p", "#{pane_height} #{pane_width}"];
        await waitUntil("the window has the size", () =>
          Bun.spawnSync(["tmux", "-S", socket, ...size])
            .stdout.toString()
            .startsWith("39 100"),
        );
        desk.line("");
        await desk.see("39 100");
        desk.line("exit");
        await desk.see("[exited]");
        await desk.prompt();
      } finally {
        Bun.spawnSync(["tmux", "-S", socket, "kill-server"]);
        await closeSessions();
      }
    },
  );

  mode.ruleWith(
    "screen runs inside, on terminals of the instance's own",
    ["program:screen"],
    async () => {
      const desk = new Desk(BASH, mode.before(["--init"]), {});
      try {
        await desk.prompt();
        desk.line(
          // Its front end ends by a signal to itself, which as pid 1 it could not.
          "$RUN env SCREENDIR=/tmp/screen screen -c /dev/null sh -c 'tty; read x; echo got:$x; read y'",
        );
        await desk.see("/dev/pts/0");
        desk.line("word");
        await desk.see("got:word");
        desk.line("");
        await desk.see("[screen is terminating]");
        await desk.prompt();
      } finally {
        await closeSessions();
      }
    },
  );

  ruleAsBare(
    mode,
    "a pinentry asks on the terminal that tty names",
    async (desk) => {
      desk.line(
        "$RUN sh -c 'pinentry-curses --ttytype xterm --ttyname \"$(tty)\"'",
      );
      await desk.see(/OK Pleased to meet you[^\n]*\n/);
      desk.line("GETPIN");
      await desk.see("Cancel");
      desk.type("1234\r");
      await desk.see("D 1234");
      await desk.see("OK");
      desk.line("BYE");
      await desk.prompt();
      await desk.status();
      desk.conceal(/OK Pleased to meet you.*/, "HELLO");
    },
    { needs: ["program:pinentry-curses"] },
  );

  mode.rule(
    "tty names a terminal that can be opened, and ttyname finds it",
    async () => {
      const desk = new Desk(BASH, mode.before(), {});
      try {
        await desk.prompt();
        desk.line(
          `$RUN sh -c 'echo by name > "$(tty)" && tty | sed "s,/dev/console,a terminal,;s,/dev/pts/.*,a terminal,"'`,
        );
        await desk.see("by name\r\na terminal\r\n");
        await desk.prompt();
      } finally {
        await closeSessions();
      }
    },
  );
});

/** The caller's terminal, his keyrings and his process group. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { helper } from "../harness/helpers.ts";
import { runOutside } from "../harness/run.ts";
import { attack, control } from "./ring.ts";
import { attacker } from "./programs.ts";
import { onTerminal } from "./terminal.ts";

/** Runs a command, and says what the shell behind it was typed. */
const LISTEN = '"$@"; stty -echo; read -r -t 1 line; echo "typed<$line>"';

attack(
  "A69",
  "modes of the terminal are left as the command left them",
  async (way) => {
    const screen = await onTerminal(
      '"$1" run stty -echo -icanon; stty -a | tr ";" "\\n"; stty sane',
      [way.program()],
    );
    expect(screen).toContain("-echo ");
    expect(screen).toContain("-icanon");
    const failed = await onTerminal(
      'stty -echo; "$1" run /no/such 2>/dev/null; "$1" --help >/dev/null; "$1" bogus 2>/dev/null; stty -a; stty sane',
      [way.program()],
    );
    expect(failed).toContain("-echo ");
  },
);

attack(
  "A69",
  "one in the background changes nothing behind its shell's back",
  async (way) => {
    const screen = await onTerminal(
      '"$1" run sleep 0.3 </dev/null & stty -echo; wait; stty -a; stty sane',
      [way.program()],
    );
    expect(screen).toContain("-echo ");
  },
);

attack(
  "A70",
  "with no terminal, a signal to the own group stays inside",
  async (way) => {
    for (const script of [
      "kill -TERM 0; sleep 1",
      "kill -KILL 0; sleep 1",
      "kill -TERM -1; sleep 0.1",
      "renice -n 10 -g 0 >/dev/null",
    ]) {
      const { stdout } = await runOutside([
        "/usr/bin/setsid",
        "-w",
        "sh",
        "-c",
        '"$1" run sh -c "$2" >/dev/null 2>&1; echo survived $(nice)',
        "sh",
        way.program(),
        script,
      ]);
      expect({ script, stdout }).toEqual({ script, stdout: "survived 0\n" });
    }
  },
);

control(
  "A70",
  "a plain child's signal to its group reaches the caller",
  async () => {
    const { stdout } = await runOutside([
      "/usr/bin/setsid",
      "-w",
      "sh",
      "-c",
      'sh -c "kill -TERM 0; sleep 1"; echo survived',
    ]);
    expect(stdout).toBe("");
  },
);

attack(
  "A51",
  "nothing is typed into the terminal, however the request is dressed",
  async (way) => {
    const screen = await onTerminal(LISTEN, [
      way.program(),
      "run",
      attacker("type"),
    ]);
    expect(screen).toContain("typed<>");
    expect(screen).toMatch(/plain: E/);
    expect(screen).not.toContain(": done");
  },
);

control(
  "A51",
  "the same program types into a terminal without selfdock",
  async () => {
    const before = readFileSync(
      "/proc/sys/dev/tty/legacy_tiocsti",
      "utf8",
    ).trim();
    const screen = await onTerminal(LISTEN, [attacker("type")]);
    if (before === "1") expect(screen).toContain("typed<owned>");
    else expect(screen).toContain("plain: EIO");
  },
);

attack(
  "A51",
  "the calls on keyrings are refused by every table of calls",
  async (way) => {
    const { stdout } = await way.run(["run", helper("calls")]);
    const lines = stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      if (/TCGETS|^i386 getpid/.test(line)) expect(line).not.toContain("EPERM");
      else expect(line).not.toMatch(/allowed|EBADF|EOPNOTSUPP|EFAULT|EINVAL/);
    }
    expect((await runOutside([helper("calls")])).stdout).toContain(
      "TIOCSTI EBADF",
    );
  },
);

/** Completions in the shells themselves: what a person gets who presses Tab. */

import { afterEach, describe, expect } from "bun:test";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom } from "../harness/room.ts";
import { waitUntil } from "../harness/processes.ts";
import { closeSessions, Session } from "./session.ts";

afterEach(closeSessions);

interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** The words that start it, with the completion of FILE in DIRECTORY. */
  start(file: string, directory: string): readonly string[];
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    start: (file, directory) => {
      const rc = `PS1='ready> '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; . ${file}`;
      writeFileSync(join(directory, "rc"), rc);
      return ["bash", "--noprofile", "--rcfile", join(directory, "rc"), "-i"];
    },
  },
  {
    name: "zsh",
    start: (file, directory) => {
      // The place where zsh looks for functions is what makes it one.
      const rc = `PS1='ready> '; unsetopt beep zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste; fpath=(${directory} $fpath); autoload -Uz compinit; compinit -u -d ${directory}/dump`;
      writeFileSync(join(directory, ".zshrc"), rc);
      Bun.spawnSync(["cp", file, join(directory, "_selfdock")]);
      return [
        "env",
        `ZDOTDIR=${directory}`,
        "zsh",
        "-o",
        "no_global_rcs",
        "-i",
      ];
    },
  },
  {
    name: "fish",
    start: (file) => [
      "fish",
      "--no-config",
      "-C",
      `function fish_prompt; echo -n 'ready> '; end; source ${file}`,
    ],
  },
];

/** Roots and files to complete. */
function makeWorld(): string {
  const room = makeRoom({
    tree: {
      bin: { onlyinside: "#!/bin/sh\n", "not-executable": "text" },
      secret: { key: "" },
    },
    evil: { bin: {} },
    data: { "data.txt": "" },
    home: {},
  });
  return room;
}

/** What is typed before Tab, and the last word that the program then gets. */
const CASES: readonly (readonly [typed: string, last: string])[] = [
  ["selfdock doc", "doctor"],
  ["selfdock run --net n", "none"],
  ["selfdock run --net=n", "--net=none"],
  ["selfdock --dry-run=j", "--dry-run=json"],
  ["selfdock stop --ti", "--timeout"],
  ["selfdock help debo", "debootstrap"],
  ["selfdock -m /etc /x bui", "build"],
  ["selfdock -r ROOM/tr", "ROOM/tree"],
  ["selfdock --rootfs=ROOM/tr", "--rootfs=ROOM/tree"],
  ["selfdock -m ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock -r ROOM/tree run onlyin", "onlyinside"],
  ["selfdock -r ROOM/tree run not-ex", "not-ex"],
  ["selfdock -v . . --rootfs=ROOM/tree run onlyin", "onlyinside"],
  ["selfdock run -r ROOM/tree -- onlyin", "onlyinside"],
  ["selfdock -r ROOM/tree --hide /sec", "/secret"],
  ["selfdock -r ROOM/tree -C /sec", "/secret"],
  ["selfdock -r ROOM/tree -v . /sec", "/secret"],
  ["selfdock run ls ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock stop completed-by-n", "completed-by-name"],
  ["selfdock enter completed-by-n", "completed-by-name"],
  ["selfdock explain completed-by-n", "completed-by-name"],
  ["selfdock explain ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock enter completed-by-name ls ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock bake -o f ru", "run"],
  ["selfdock bake -o ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock bake -r ROOM/tree -o f run onlyin", "onlyinside"],
  ["selfdock batch ROOM/data/da", "ROOM/data/data.txt"],
  ["selfdock batch --format=l", "--format=lines"],
  ["selfdock --scratch -r ROOM/tree run onlyin", "onlyinside"],
  ["selfdock --scratch 2g -r ROOM/tree run onlyin", "onlyinside"],
  ["selfdock run --scratch 2g -r ROOM/tree onlyin", "onlyinside"],
  ["selfdock --scratch 2g bui", "build"],
  ["selfdock --map=ROOM/da", "--map=ROOM/data"],
  [
    "selfdock --map=ROOM/data:ROOM/data/da",
    "--map=ROOM/data:ROOM/data/data.txt",
  ],
  [
    "selfdock run --net none -r ROOM/tree --vol=ROOM/data:/sec",
    "--vol=ROOM/data:/secret",
  ],
  ["selfdock run --map=/a:/b -r ROOM/tree onlyin", "onlyinside"],
  ["selfdock -r ROOM/tree --map=/a:/b run onlyin", "onlyinside"],
];

for (const shell of SHELLS)
  describe(shell.name, () => {
    const needs = ["root", `program:${shell.name}`] as const;

    async function begin(room: string): Promise<Session> {
      const bin = join(room, "home");
      const file = join(bin, "completion");
      writeFileSync(file, await rootless.output(["help", shell.name]));
      // Says what it was called with; asks the real one what runs.
      const program = `#!/bin/sh\n[ "$1" = ps ] && exec ${plainProgram()} ps\nfor last; do :; done; echo "<$last>"\n`;
      writeFileSync(join(bin, "selfdock"), program);
      chmodSync(join(bin, "selfdock"), 0o755);
      const session = new Session(shell.start(file, bin), {
        env: {
          PATH: `${bin}:/usr/bin:/bin`,
          HOME: bin,
          XDG_CONFIG_HOME: bin,
          XDG_DATA_HOME: bin,
          TERM: "xterm",
        },
        cwd: "/",
      });
      session.resize(500, 50);
      await session.see("ready> ");
      return session;
    }

    rule("Tab completes each kind of word", needs, async () => {
      const room = makeWorld();
      const instance = rootless.start([
        "run",
        "--name",
        "completed-by-name",
        "sleep",
        "60",
      ]);
      await waitUntil("it runs", () => existsSync(`/proc/${instance.pid}`), 5);
      const session = await begin(room);
      for (const [typed, last] of CASES) {
        session.type(`${typed.replaceAll("ROOM", room)}\t\r`);
        const shown = await session.see(/<[^>]*>\r?\n/);
        const word = /<([^>]*)>\r?\n$/.exec(shown)![1]!;
        expect(
          `${typed}: ${word.replaceAll(room, "ROOM").replace(/\/$/, "")}`,
        ).toBe(`${typed}: ${last}`);
        await session.see("ready> ");
      }
      instance.kill("SIGKILL");
    });

    rule(
      "names of a stranger's files are shown and never evaluated",
      needs,
      async () => {
        const room = makeWorld();
        const mark = join(room, "home/mark");
        const evil = [
          "$(touch mark)",
          "`touch mark`",
          "x;touch mark",
          "$HOME",
          "*",
          "a'b\"c",
          "last-one",
        ];
        for (const name of evil) {
          writeFileSync(join(room, "evil/bin", name), "#!/bin/sh\n");
          chmodSync(join(room, "evil/bin", name), 0o755);
        }
        const session = await begin(room);
        session.type(`cd ${room}/home\r`);
        await session.see("ready> ");
        session.type(`selfdock -r ${room}/evil run \t\t`);
        await session.see("last-one");
        session.type("\u0015\u000c");
        await session.see("ready> ");
        session.type(`selfdock -r ${room}/evil --hide /bin/\t\t`);
        await session.see("last-one");
        expect(existsSync(mark)).toBe(false);
      },
    );
  });

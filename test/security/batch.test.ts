/** Many commands from one process: each is kept from the others, and from what batch itself has. */

import { expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  lstatSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  descendants,
  processesWith,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { attack, control, SOAK } from "./ring.ts";

const FAILED = 123;
const FAR_ABOVE = 4000;

attack(
  "A81",
  "no process of batch has any privilege, from the first line on",
  async (way) => {
    const running = way.start(["batch", "-j", "2"], {
      stdin: "sleep 60.811\n".repeat(2),
    });
    await waitUntil(
      "both run",
      () => processesWith("sleep 60.811").length === 2,
    );
    const family = [running.pid, ...descendants(running.pid)];
    expect(family.length).toBeGreaterThanOrEqual(5);
    for (const pid of family) {
      expect(statusField(pid, "Uid")?.split("\t")).toEqual(
        Array(4).fill("1000"),
      );
      expect(statusField(pid, "CapPrm")).toBe("0000000000000000");
    }
    running.kill("SIGTERM");
    await running.ended;
  },
);

attack(
  "A81",
  "input and outputs are opened with the user's rights",
  async (way) => {
    const room = makeRoom({ closed: { file: "secret" } });
    chmodSync(join(room, "closed"), 0o700);
    chownSync(join(room, "closed"), 0, 0);
    const file = join(room, "closed", "file");
    const line = JSON.stringify({ argv: ["cat"], stdin: file });
    const stdin = await way.run(["batch", "--format", "json"], { stdin: line });
    expect(stdin).toMatchObject({ status: FAILED, stdout: "" });
    expect(stdin.stderr).toContain("permission denied");
    for (const words of [
      ["batch", file],
      ["batch", "--output-dir", join(room, "closed")],
      ["batch", "--output-dir", join(room, "closed", "new")],
    ]) {
      const result = await way.run(words, { stdin: "true" });
      expect(result.status).not.toBe(0);
      expect(result.stderr).toContain("ermission denied");
    }
  },
);

attack(
  "A81",
  "no descriptor of batch's or its caller's gets in",
  async (way) => {
    const lines = "ls /proc/self/fd\n".repeat(40);
    const result = await way.run(["batch", "-j", "8"], {
      stdin: lines,
      open: [
        [3, "/"],
        [9, "/etc"],
        [FAR_ABOVE, "/"],
      ],
      limits: [[7, FAR_ABOVE + 1000, FAR_ABOVE + 1000]],
    });
    expect(result.status).toBe(0);
    // The last is the directory that ls reads.
    expect(result.stdout).toBe("0\n1\n2\n3\n".repeat(40));
  },
);

attack(
  "A81",
  "no command sees, signals or ends another, batch or a spawner",
  async (way) => {
    const hostile =
      "ls /proc | grep -c ^[0-9]; kill -9 -1; kill -9 0; kill -TERM -1; ls /tmp; touch /tmp/left";
    const lines = `sh -c 'sleep 0.5; echo lived'\nsh -c '${hostile}'\n`;
    const result = await way.run(["batch", "-j", "4"], {
      stdin: lines.repeat(4),
    });
    expect(result.stdout.match(/^lived$/gm)).toHaveLength(4);
    expect(result.stdout).not.toContain("left");
    expect(result.stderr).toContain("8 commands");
  },
);

attack(
  "A81",
  "what a command puts in the place of an output is not written through",
  async (way) => {
    const room = makeRoom({ logs: {}, victim: "whole", "own.txt": "whole" });
    const plant = (name: string, what: string) =>
      `sh -c 'rm -f logs/${name}; ${what} logs/${name}'\n`;
    const lines = [
      plant("6.out", "ln -s ../victim"),
      plant("6.err", "ln ./victim"),
      plant("7.out", "mkfifo"),
      plant("7.err", "ln -s /nowhere/at/all"),
      "true\n",
      "sh -c 'echo out; echo err >&2'\n",
      "sh -c 'echo out; echo err >&2'\n",
    ].join("");
    const words = ["-v", ".", ".", "batch", "-j", "1", "--output-dir", "logs"];
    const result = await way.run(words, { stdin: lines, cwd: room });
    expect(result.status).toBe(0);
    const read = (name: string) =>
      readFileSync(join(room, "logs", name), "utf8");
    expect(readFileSync(join(room, "victim"), "utf8")).toBe("whole");
    expect(["6.out", "6.err", "7.out", "7.err"].map(read)).toEqual([
      "out\n",
      "err\n",
      "out\n",
      "err\n",
    ]);
    for (const name of ["6.out", "7.out"])
      expect(lstatSync(join(room, "logs", name)).isFile()).toBe(true);
  },
);

control(
  "A81",
  "a shell's redirection writes through what is there",
  async () => {
    const room = makeRoom({ logs: {}, victim: "whole" });
    symlinkSync("../victim", join(room, "logs", "1.out"));
    writeFileSync(join(room, "logs", "1.out"), "changed");
    expect(readFileSync(join(room, "victim"), "utf8")).toBe("changed");
    await Promise.resolve();
  },
);

attack("A81", "a way out by the input's descriptor is refused", async (way) => {
  const room = makeRoom({ directory: { file: "x" } });
  const lines = ["directory", "/", "/proc/self/fd", "."].map((stdin) =>
    JSON.stringify({ argv: ["ls", "-la", "/proc/self/fd/0/"], stdin }),
  );
  const words = ["batch", "-j", "1", "--format", "json"];
  const result = await way.run(words, { stdin: lines.join("\n"), cwd: room });
  expect(result).toMatchObject({ status: FAILED, stdout: "" });
  expect(result.stderr.match(/is a directory/g)).toHaveLength(4);
});

attack(
  "A81",
  "killed at any moment, batch leaves nothing, not even who dropped his death signal",
  async (way) => {
    const attempts = SOAK ? 300 : 12;
    const word = `60.${way.name === "setuid" ? 815 : 816}`;
    for (let turn = 0; turn < attempts; turn++) {
      const running = way.start(["batch", "-j", "3"], {
        stdin: `sh -c 'sleep ${word} & sleep ${word}'\n`.repeat(9),
      });
      await Bun.sleep(Math.random() * 150);
      running.kill("SIGKILL");
      await running.ended;
    }
    await waitUntil(
      "all have ended",
      () => processesWith(`sleep ${word}`).length === 0,
      5,
    );
    const drops = `import ctypes,time; ctypes.CDLL(None).prctl(1,0,0,0,0); time.sleep(${word})`;
    const running = way.start(["batch"], {
      stdin: `/usr/bin/python3 -c "${drops}"\n`,
    });
    await waitUntil(
      "it runs",
      () => processesWith(`time.sleep(${word}`).length > 0,
    );
    await Bun.sleep(500);
    running.kill("SIGKILL");
    await running.ended;
    await waitUntil(
      "it has ended",
      () => processesWith(`time.sleep(${word}`).length === 0,
      5,
    );
  },
);

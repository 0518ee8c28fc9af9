/** --as-root: root inside, with what that implies. */

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { rootless } from "../harness/modes.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";

const run = (words: readonly string[]) =>
  rootless.run(words, { before: subordinateHost() });

rootless.rule("the command is root, under an init, with every id", async () => {
  const script = "id -u; id -g; cut -d' ' -f4 /proc/self/stat; umask";
  const seen = await run(["--as-root", "run", "sh", "-c", `${script}; exit 7`]);
  expect(seen).toMatchObject({ status: 7, stderr: "" });
  expect(seen.stdout).toMatch(/^0\n0\n\d+\n0022\n$/);
  const map = await run(["run", "--as-root", "cat", "/proc/self/gid_map"]);
  expect(map.stdout.trim().replaceAll(/ +/g, " ")).toBe(
    `0 ${USER} 1\n 1 ${SUBORDINATE.first} ${SUBORDINATE.count}`,
  );
});

rootless.rule(
  "what it makes is the user's, or a subordinate id's",
  async () => {
    const room = makeRoom();
    const script =
      "touch mine theirs && chown 8:9 theirs && stat -c %u . mine theirs";
    const made = await rootless.run(
      ["--as-root", "-v", ".", ".", "run", "sh", "-c", script],
      { cwd: room, before: subordinateHost() },
    );
    expect(made).toMatchObject({ stdout: "0\n0\n8\n", stderr: "" });
    const { first } = SUBORDINATE;
    expect(statSync(join(room, "mine")).uid).toBe(USER);
    expect(statSync(join(room, "theirs"))).toMatchObject({
      uid: first + 7,
      gid: first + 8,
    });
  },
);

rootless.rule(
  "its own filesystems are root's, and other options work",
  async () => {
    const words = [
      "-t",
      "uid=0,mode=700",
      "/x",
      "--hostname",
      "h",
      "--hide=/etc/passwd",
    ];
    const script =
      "stat -c '%u %a' /tmp /x /dev/shm; uname -n; cat /etc/passwd";
    const seen = await run([
      ...words,
      "--net",
      "none",
      "--as-root",
      "run",
      "sh",
      "-c",
      script,
    ]);
    expect(seen).toMatchObject({ status: 0, stderr: "" });
    expect(seen.stdout).toBe("0 1777\n0 700\n0 1777\nh\n");
  },
);

rootless.rule(
  "a signal ends it, and a command that is not there is told",
  async () => {
    const killed = await run(["--as-root", "run", "sh", "-c", "kill -9 $$"]);
    expect(killed.signal).toBe("SIGKILL");
    const missing = await run(["--as-root", "run", "no-such-command"]);
    expect(missing).toMatchObject({ status: 127, stdout: "" });
  },
);

rootless.rule(
  "a failing step is told as without it, many times over",
  async () => {
    for (let round = 0; round < 20; round++) {
      const failed = await run([
        "--as-root",
        "-m",
        "/no/such",
        "/x",
        "run",
        "true",
      ]);
      expect(failed).toMatchObject({ status: 124, stdout: "" });
      expect(failed.stderr).toContain('Cannot mount "/no/such" at "/x"');
    }
  },
);

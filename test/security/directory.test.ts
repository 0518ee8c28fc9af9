/** The working directory: hostile files in it, gone, or out of reach. */

import { expect } from "bun:test";
import { rmdirSync, mkdirSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { rootOf } from "../harness/roots.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attack, expectRefusal } from "./ring.ts";

const HOSTILE = {
  "bunfig.toml": 'preload = ["./mark.js"]\n',
  ".env": "BUN_OPTIONS=--preload=./mark.js\n",
  ".env.local": "X=1",
  "tsconfig.json":
    '{"extends": "/etc/shadow", "compilerOptions": {"paths": {"*": ["./mark.js"]}}}',
  "package.json": "{broken",
  "mark.js": "require('node:fs').writeFileSync('mark', 'x')",
  node_modules: {
    citty: { "index.js": "throw 1" },
    consola: { "index.js": "throw 1" },
  },
  $bunfs: { root: { selfdock: "throw 1" } },
};

attack("A21", "files of the working directory do nothing", async (way) => {
  const room = makeRoom(HOSTILE);
  for (const args of [
    ["--help"],
    ["run", "echo", "ran"],
    ["bogus"],
    ["--dry-run", "run", "true"],
  ]) {
    const [there, elsewhere] = [
      await way.run(args, { cwd: room }),
      await way.run(args, { cwd: "/usr" }),
    ];
    expect(there.stderr).toBe(elsewhere.stderr);
    expect(there.status).toBe(elsewhere.status);
    if (args[0] !== "--dry-run") expect(there.stdout).toBe(elsewhere.stdout);
  }
  expect(
    (await runOutside(["/bin/ls", "-A", room])).stdout.split("\n"),
  ).not.toContain("mark");
});

attack(
  "A21",
  "a directory that is gone or out of reach is left for /",
  async (way) => {
    const room = makeRoom({ gone: {} });
    const gone = join(room, "gone");
    const shell = [
      "/bin/sh",
      "-c",
      'cd "$1" && rmdir "$1" && exec "$2" run pwd',
      "sh",
      gone,
      way.program(),
    ];
    expect(await runOutside(shell, { cwd: room })).toMatchObject({
      status: 0,
      stdout: "/\n",
    });
    const closed = rootOf("closed");
    mkdirSync(join(closed, "in"));
    chmodSync(closed, 0o700);
    const held = Bun.spawnSync(
      [
        "setpriv",
        "--reuid",
        "1000",
        "--regid",
        "1000",
        "--clear-groups",
        way.program(),
        "run",
        "pwd",
      ],
      { cwd: join(closed, "in"), env: { PATH: "/usr/bin:/bin" } },
    );
    expect(held.stdout.toString()).toBe("/\n");
    expect(held.exitCode).toBe(0);
    rmdirSync(join(closed, "in"));
    const relative = await runOutside([
      "/bin/sh",
      "-c",
      'mkdir "$1"; cd "$1" && rmdir "$1" && exec "$2" -m . /mnt run ls -A /mnt',
      "sh",
      gone,
      way.program(),
    ]);
    if (relative.status !== 0) expectRefusal(relative);
    else expect(relative.stdout).toBe("");
  },
);

/** An import whose every kind of call fails once: the whole tree, or nothing and a message. */

import { expect } from "bun:test";
import { chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dockerImage, tar, type TarItem } from "../harness/archives.ts";
import { hostWith } from "../harness/host.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { subordinateHost } from "../harness/subordinate.ts";
import { leavesNothing } from "./host-state.ts";
import { MODES, newLogin, programOf } from "./logins.ts";
import { SOAK } from "./soak.ts";

const LOWER: readonly TarItem[] = [
  { name: "d/", type: "5", mode: 0o555 },
  { name: "d/file", data: "x".repeat(1000) },
  { name: "d/link", type: "2", link: "file" },
  { name: "d/hard", type: "1", link: "d/file" },
  { name: "d/fifo", type: "6" },
  { name: "gone/deep/file", data: "x" },
];
const UPPER: readonly TarItem[] = [
  { name: "d/", type: "5", mode: 0o555 },
  { name: "d/new", data: "y" },
  { name: ".wh.gone" },
];
const IMAGE = dockerImage([tar(LOWER), tar(UPPER)]);
const WHOLE = ["d", "d/fifo", "d/file", "d/hard", "d/link", "d/new"];

/** The calls by which trees are made, with an error that each may have. */
const CALLS = {
  mkdirat: "ENOSPC",
  symlinkat: "ENOSPC",
  linkat: "EMLINK",
  mknodat: "ENOSPC",
  fchmodat: "EPERM",
  utimensat: "EPERM",
  renameat2: "EIO",
  getdents64: "EIO",
  statx: "EIO",
  flock: "EINTR",
  rt_sigtimedwait: "EINTR",
} as const;
/** The first ones are the launch's own, and the last ones come never. */
const TURNS = SOAK
  ? Array.from({ length: 60 }, (_, at) => at + 1)
  : [1, 4, 8, 13, 20, 30];

/** The whole tree with status 0, or a message and nothing. */
function checkOutcome(
  cwd: string,
  { status, stderr }: { status: number | null; stderr: string },
): "whole" | "nothing" {
  if (status === 0) {
    const names = readdirSync(join(cwd, "new"), { recursive: true });
    expect(names.map(String).toSorted()).toEqual(WHOLE);
    expect(readdirSync(cwd).toSorted()).toEqual(["new", "new.image.json"]);
    return "whole";
  }
  expect(status).toBe(124);
  expect(stderr).toMatch(/^(selfdock: [^\n]+\n)+$/);
  expect(stderr).not.toContain("this is a bug");
  expect(readdirSync(cwd)).toEqual([]);
  return "nothing";
}

for (const [call, errno] of Object.entries(CALLS))
  rule(
    `${call} fails once with ${errno}: the whole tree, or nothing`,
    ["root", "program:strace"],
    async () => {
      const outcomes = [];
      for (const turn of TURNS) {
        const cwd = makeRoom();
        const trace = [
          "strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          `trace=${call}`,
          "-e",
          `inject=${call}:error=${errno}:when=${turn}`,
        ];
        const words = [programOf("rootless"), "import", "new"];
        const made = await runOutside(words, {
          cwd,
          stdin: IMAGE,
          before: trace,
        });
        outcomes.push(checkOutcome(cwd, made));
      }
      console.log(`${call}: ${outcomes.join(", ")}`);
    },
  );

rule(
  "no room on the filesystem is said, and nothing is left, with ids or without",
  ["root"],
  async () => {
    for (const ids of [[], ["--as-root"]]) {
      const room = makeRoom({ small: {} });
      const small = join(room, "small");
      const archive = tar([
        { name: "a", data: "x" },
        { name: "b", data: "y".repeat(2 ** 21), uid: 7 },
      ]);
      const mount = `mount -t tmpfs -o size=1m,mode=777 none ${small}`;
      const script = `"$0" import ${ids.join(" ")} new; echo $?; ls -A`;
      const seen = await runOutside(
        ["/bin/sh", "-c", `cd small; ${script}`, programOf("rootless")],
        {
          cwd: room,
          stdin: archive,
          before: ids.length === 0 ? hostWith(mount) : subordinateHost(mount),
        },
      );
      expect(seen).toMatchObject({
        status: 0,
        stdout: "124\n",
        stderr:
          'selfdock: Cannot import: writing "b": no room is left on the filesystem\n',
      });
    }
  },
);

for (const mode of MODES)
  rule(
    `${mode}: imports, good and bad, leave no process, mount or file`,
    ["root"],
    () =>
      leavesNothing(async () => {
        for (const stdin of [
          IMAGE,
          IMAGE.subarray(0, 5000),
          Buffer.from("noise"),
          tar(LOWER),
        ]) {
          const login = newLogin(mode);
          const cwd = makeRoom();
          chownSync(cwd, login.user, login.group);
          const made = await runOutside([programOf(mode), "import", "new"], {
            ...login,
            cwd,
            stdin,
          });
          if (made.status === 0) continue;
          expect(made.status).toBe(124);
          expect(readdirSync(cwd)).toEqual([]);
        }
      }),
  );

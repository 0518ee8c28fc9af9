/** Sources of --map, --vol and --rootfs: looked up once, with the user's own rights. */

import { expect } from "bun:test";
import { join } from "node:path";
import { rootOf } from "../harness/roots.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { start } from "../harness/run.ts";
import { writeFileSync, chmodSync, mkdirSync, readFileSync } from "node:fs";
import { expectNeverWon, expectWonOnce } from "./attempts.ts";
import { attacker } from "./programs.ts";
import { attack, control, expectRefusal, type Way } from "./ring.ts";

const SECRET = "only-for-root";

/** A tree of root's: a public directory and file within a closed one. */
function closedTree(): string {
  const root = rootOf("closed");
  mkdirSync(join(root, "public"), { mode: 0o755 });
  writeFileSync(join(root, "public/file"), SECRET);
  chmodSync(root, 0o700);
  return root;
}

/** The ways to name SOURCE to selfdock; each must be refused, and tell no more than the user knows. */
async function refuseEach(
  way: Way,
  source: string,
  words: RegExp,
): Promise<void> {
  for (const args of [
    ["-m", source, "/mnt", "run", "cat", "/mnt/file", "/mnt"],
    ["-v", source, "/mnt", "run", "cat", "/mnt/file", "/mnt"],
    ["-r", source, "run", "/file"],
    ["-r", source, "build", "/file"],
  ]) {
    const result = await way.run(args);
    expectRefusal(result);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain(SECRET);
  }
}

attack(
  "A29",
  "a path through a directory that the user cannot search is refused",
  async (way) => {
    const closed = closedTree();
    await refuseEach(way, join(closed, "public"), /[Pp]ermission denied/);
    // What exists and what does not read the same.
    const there = await way.run([
      "-m",
      join(closed, "public"),
      "/mnt",
      "run",
      "true",
    ]);
    const gone = await way.run([
      "-m",
      join(closed, "nothing"),
      "/mnt",
      "run",
      "true",
    ]);
    expect(gone.stderr.replace("nothing", "public")).toBe(there.stderr);
  },
);

attack(
  "A29",
  "groups count as the kernel counts them: 0705 keeps a member out",
  async (way) => {
    const root = rootOf("group");
    mkdirSync(join(root, "in"), { mode: 0o755 });
    Bun.spawnSync(["chgrp", "27", root]);
    chmodSync(root, 0o705);
    const args = ["-m", join(root, "in"), "/mnt", "run", "true"];
    expectRefusal(await way.run(args, { groups: [27] }));
    expect((await way.run(args, { groups: [4] })).status).toBe(0);
    chmodSync(root, 0o750);
    expectRefusal(await way.run(args, { groups: [4] }));
    expect((await way.run(args, { groups: [27] })).status).toBe(0);
  },
);

attack("A29", "an unreadable file can be named but not read", async (way) => {
  const result = await way.run([
    "-m",
    "/etc/shadow",
    "/mnt",
    "run",
    "cat",
    "/mnt",
  ]);
  expect(result.stdout).toBe("");
  expect(result.status).not.toBe(0);
});

/** `link`, exchanged with a second link: to a file of the user's, and to one that he cannot reach. */
function exchangedLinks(): {
  exchange: readonly [string, string];
  link: string;
} {
  const closed = closedTree();
  const room = makeRoom({
    own: { file: "own" },
    link: link("own"),
    other: entry({ link: join(closed, "public") }),
  });
  return {
    exchange: [join(room, "link"), join(room, "other")],
    link: join(room, "link"),
  };
}

attack(
  "A29",
  "a link exchanged during the launch never leads to a file of root's",
  async (way) => {
    const { exchange, link: name } = exchangedLinks();
    await expectNeverWon({
      name: "A29 exchange a link on the way to a source",
      against: way.name,
      needle: SECRET,
      exchange,
      command: [
        way.program(),
        "-m",
        name,
        "/mnt",
        "run",
        "/bin/cat",
        "/mnt/file",
      ],
    });
  },
);

control("A29", "who looks the link up twice loses the same race", async () => {
  const { exchange, link: name } = exchangedLinks();
  await expectWonOnce({
    name: "A29 exchange a link on the way to a source",
    needle: SECRET,
    exchange,
    command: [attacker("twice"), join(name, "file")],
    options: { user: 0 },
  });
});

attack(
  "A30",
  "links in /proc of a root process lead the user nowhere",
  async (way) => {
    const closed = closedTree();
    const root = start(["/bin/sleep", "60"], {
      user: 0,
      cwd: join(closed, "public"),
      open: [[5, join(closed, "public")]],
    });
    // The start program changes its directory itself.
    await Bun.sleep(100);
    for (const name of ["cwd", "root", "fd/5", "cwd/file", "root/etc"])
      await refuseEach(
        way,
        `/proc/${root.pid}/${name}`,
        /[Pp]ermission denied/,
      );
    for (const name of ["/proc/1/root", "/proc/1/cwd", "/proc/1/exe"])
      await refuseEach(way, name, /[Pp]ermission denied/);
    expect(readFileSync(`/proc/${root.pid}/cwd/file`, "utf8")).toBe(SECRET);
    root.kill("SIGKILL");
    await root.ended;
  },
);

attack("A30", "neither do links of selfdock's own processes", async (way) => {
  const closed = closedTree();
  for (const name of [
    "/proc/self/root",
    "/proc/self/cwd",
    "/proc/thread-self/root",
  ]) {
    const source = `${name}${closed}/public`;
    expectRefusal(
      await way.run(["-m", source, "/mnt", "run", "cat", "/mnt/file"]),
    );
  }
});

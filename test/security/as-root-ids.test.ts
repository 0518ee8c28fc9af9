/** --as-root: root inside is the user outside, with subordinate ids at most. */

import { expect } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { busyboxRoot } from "../harness/roots.ts";
import { entry, makeRoom, USER } from "../harness/room.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";
import { inside } from "./as-root.ts";
import { attack, expectRefusal } from "./ring.ts";

attack(
  "A72",
  "a setuid file made inside gives outside what belongs to the user alone",
  async (way) => {
    const root = await busyboxRoot();
    const script =
      "cp /bin/busybox /id; cp /bin/busybox /sub; chown 5:5 /sub; chmod 6755 /id /sub";
    expect(
      (await inside(way, script, { command: "build", args: ["-r", root] }))
        .status,
    ).toBe(0);
    expect(statSync(join(root, "id"))).toMatchObject({ uid: USER, gid: USER });
    const sub = SUBORDINATE.first + 4;
    expect(statSync(join(root, "sub"))).toMatchObject({ uid: sub, gid: sub });
    const caught = await inside(
      way,
      "chown 70000:70000 /tmp; chown 99999 /tmp",
      { ids: true },
    );
    expect(caught.stderr.match(/Invalid argument/g)).toHaveLength(2);
  },
);

attack(
  "A72",
  "subordinate ids of another user, of root, or the whole range are not mapped",
  async (way) => {
    const map = async (ids: string) => {
      const before = subordinateHost("", ids);
      const result = await way.run(
        ["--as-root", "run", "cat", "/proc/self/uid_map"],
        { before },
      );
      return result.stdout.trim().replaceAll(/ +/g, " ");
    };
    expect(await map("1001:100000:65536\nroot:200000:65536\n")).toBe(
      "0 1000 1",
    );
    expect(await map("1000:1000:1\n1000:0:0\n1000:x:5\n")).toBe("0 1000 1");
    expect(await map("1001:100000:65536\n1000:300000:5\n")).toMatch(
      /^0 1000 1\n 1 300000 5$/,
    );
  },
);

attack("A72", "one id is explained once, and chown fails", async (way) => {
  const result = await inside(
    way,
    "chown 5 /tmp; chown 6 /tmp; chown 0 /tmp && id -u",
    { ids: false },
  );
  expect(result.stdout).toBe("0\n");
  expect(result.stderr.match(/only root exists inside/g)).toHaveLength(1);
  expect(result.stderr.match(/Invalid argument/g)).toHaveLength(2);
});

attack(
  "A72",
  "newuidmap that is missing, another's, lying or failing gives nothing",
  async (way) => {
    const liar = (text: string, owner = 0, mode = 0o755) =>
      join(
        makeRoom({
          liar: entry({ text: `#!/bin/sh\n${text}\n`, owner, mode }),
        }),
        "liar",
      );
    const host = (path: string) =>
      subordinateHost(`mount --bind ${path} /usr/bin/newuidmap`);
    const run = (before: readonly string[]) =>
      way.run(["--as-root", "run", "cat", "/proc/self/uid_map"], { before });
    const mark = join(makeRoom(), "mark");
    for (const theirs of [
      liar(`touch ${mark}`, USER),
      liar(`touch ${mark}`, 0, 0o777),
    ]) {
      const result = await run(host(theirs));
      expect(result.stdout.trim()).toMatch(/^0 +1000 +1$/);
      expect(result.stderr).toContain("is not root's alone");
      expect(existsSync(mark)).toBe(false);
    }
    for (const lie of ["exit 0", "exit 1", "kill -9 $$", "sleep 0.2"])
      expectRefusal(await run(host(liar(lie))));
    const odd = liar("env > /dev/stderr; ls /proc/self/fd | wc -l >&2; exit 1");
    const seen = await way.run(["--as-root", "--keep-fd", "7", "run", "true"], {
      before: host(odd),
      env: { SECRET: "x" },
      open: [[7, "/etc/passwd"]],
    });
    expect(seen.stderr).not.toContain("SECRET");
    expect(seen.status).toBe(124);
  },
);

attack(
  "A72",
  "a killed launcher leaves no child that waits for its ids",
  async (way) => {
    const slow = join(
      makeRoom({
        slow: entry({
          text: "#!/bin/sh\nsleep 1\nexit 1\n",
          owner: 0,
          mode: 0o755,
        }),
      }),
      "slow",
    );
    const before = subordinateHost(`mount --bind ${slow} /usr/bin/newuidmap`);
    const running = way.start(["--as-root", "run", "sleep", "4711"], {
      before,
    });
    await Bun.sleep(400);
    running.kill("SIGKILL");
    await running.ended;
    await Bun.sleep(1500);
    expect(Bun.spawnSync(["pgrep", "-f", "sleep 4711"]).stdout.toString()).toBe(
      "",
    );
  },
);

attack(
  "A72",
  "an instance in it has one id, and wins nothing back",
  async (way) => {
    const program = way.program();
    const script = `${program} --as-root run sh -c 'cat /proc/self/uid_map; touch /written; mount -o remount,rw /'`;
    const result = await inside(way, script, { args: ["-m", program, "."] });
    expect(result.stdout.trim().split(/\s+/)).toEqual(["0", "0", "1"]);
    expect(result.stderr).toContain("nothing can gain privilege here");
    expect(result.stderr).toContain("Read-only file system");
    expect(existsSync("/written")).toBe(false);
  },
);

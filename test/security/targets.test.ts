/** Places inside: nothing leads out, nothing is made on a disk. */

import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { expectNeverWon } from "./attempts.ts";
import { attack, expectRefusal } from "./ring.ts";

const FROM_USER = "from-the-user";

/** All entries below a directory, with modes. */
async function listing(directory: string): Promise<string> {
  const result = await runOutside(
    ["/usr/bin/find", directory, "-printf", "%p %m %U %y %l %s\n"],
    { user: 0 },
  );
  return result.stdout;
}

attack("A31", "links and .. in a place stay within the root", async (way) => {
  const source = makeRoom({ file: FROM_USER });
  const root = await busyboxRoot({
    mnt: link("/etc"),
    up: link("../../../../etc"),
    loop: link("loop"),
    abs: link(rootOf("outside")),
    deep: { down: link("/up") },
  });
  const before = await listing(root);
  const host = await listing("/etc");
  for (const place of [
    "/mnt",
    "/up",
    "/deep/down",
    "/../../etc",
    "/deep/../../../mnt",
    "/mnt/../mnt",
  ]) {
    const result = await way.run([
      "-r",
      root,
      "-m",
      source,
      place,
      "run",
      "/bin/cat",
      "/etc/file",
    ]);
    expect({ place, ...result, blocks: 0, stdoutBytes: 0 }).toMatchObject({
      place,
      status: 0,
      stdout: FROM_USER,
    });
  }
  const loop = await way.run([
    "-r",
    root,
    "-m",
    source,
    "/loop/x",
    "run",
    "/bin/true",
  ]);
  expectRefusal(loop);
  expect(await listing(root)).toBe(before);
  expect(await listing("/etc")).toBe(host);
});

attack(
  "A31",
  "a link in one map does not carry the next one out",
  async (way) => {
    const first = makeRoom({
      s: link("/etc"),
      t: link("../../../etc"),
      p: link("/proc/1/root/etc"),
      q: link("/proc/self/root/../etc"),
    });
    const source = makeRoom({ file: FROM_USER });
    for (const name of ["s", "t"]) {
      const args = ["-v", first, "/srv", "-m", source, `/srv/${name}`];
      const result = await way.run([...args, "run", "cat", "/etc/file"]);
      expect({ name, status: result.status, stdout: result.stdout }).toEqual({
        name,
        status: 0,
        stdout: FROM_USER,
      });
    }
    expect(existsSync("/etc/file")).toBe(false);
    for (const name of ["p", "q"])
      expectRefusal(
        await way.run([
          "-v",
          first,
          "/srv",
          "-m",
          source,
          `/srv/${name}`,
          "run",
          "true",
        ]),
      );
    expect(readdirSync(first).toSorted()).toEqual(["p", "q", "s", "t"]);
  },
);

attack(
  "A31",
  "a place exchanged during the launch is never one outside",
  async (way) => {
    const outside = makeRoom({});
    const source = makeRoom({ file: FROM_USER });
    const root = await busyboxRoot({ a: {}, b: entry({ link: outside }) });
    await expectNeverWon({
      name: "A31 exchange a place with a link out",
      against: way.name,
      needle: "ESCAPED",
      exchange: [join(root, "a"), join(root, "b")],
      command: [
        way.program(),
        "-r",
        root,
        "-m",
        source,
        "/a",
        "run",
        "/bin/sh",
        "-c",
        `[ -e ${outside}/../../../etc/passwd ] && echo ESCAPED; mount`,
      ],
    });
    expect(readdirSync(outside)).toEqual([]);
  },
);

attack("A32", "a missing mount point appears in nobody's tree", async (way) => {
  const volume = makeRoom({});
  const closed = rootOf("closed");
  const sealed = makeRoom({
    sealed: entry({ tree: { in: "in" }, mode: 0o555 }),
  });
  const before = await Promise.all([volume, closed, sealed].map(listing));
  for (const args of [
    ["-m", "/etc", "/etc/made-by-selfdock"],
    ["-v", volume, "/srv", "-m", "/etc", "/srv/a/b"],
    ["-m", "/etc", join(closed, "x/y")],
    ["-m", "/etc/passwd", join(sealed, "sealed/z")],
    ["-t", "", join(sealed, "sealed/t/u")],
  ]) {
    for (const command of ["run", "build"]) {
      const result = await way.run([...args, command, "ls", args.at(-1)!]);
      expect({ args, status: result.status, stderr: result.stderr }).toEqual({
        args,
        status: 0,
        stderr: "",
      });
    }
  }
  expect(await Promise.all([volume, closed, sealed].map(listing))).toEqual(
    before,
  );
  expect(existsSync("/etc/made-by-selfdock")).toBe(false);
});

attack(
  "A33",
  "options of a tmpfs that are not of the list are refused",
  async (way) => {
    for (const options of [
      "suid",
      "dev",
      "exec",
      "huge=always",
      "mpol=bind:0",
      "size=1k\n",
      "size=1k,suid",
      "mode=4777",
      "mode=2777",
      "mode=-1",
      "mode=8",
      "uid=0",
      "gid=0",
      "size=-1",
      "size=1e3",
      "size=0x10",
      "size=99999999999999999999",
      "size=100%",
      "nr_inodes=-1",
      "noswap",
      "usrquota",
      "source=selfdock",
      "context=x",
      ",",
      "size",
      "size=",
      "=1",
      "size=1k;ro",
      "inode64",
    ]) {
      const result = await way.run(["-t", options, "/mnt", "run", "true"]);
      expect({ options, status: result.status }).toEqual({
        options,
        status: 124,
      });
      expectRefusal(result);
    }
  },
);

attack("A33", "every tmpfs is nosuid, nodev and bounded", async (way) => {
  const mounts = await way.sh(
    "grep -E ' (/mnt|/tmp|/dev/shm) ' /proc/self/mounts; df -k --output=size /mnt /tmp",
    { args: ["-t", "", "/mnt"] },
  );
  const lines = mounts.trim().split("\n");
  for (const line of lines.filter((each) => each.includes(" tmpfs "))) {
    expect(line).toContain("nosuid");
    expect(line).toContain("nodev");
  }
  expect(lines.slice(-2).map((each) => each.trim())).toEqual([
    "262144",
    "262144",
  ]);
  const full = await way.run([
    "-t",
    "size=1m",
    "/mnt",
    "run",
    "dd",
    "if=/dev/zero",
    "of=/mnt/x",
    "bs=1M",
    "count=3",
  ]);
  expect(full.stderr).toContain("No space left");
  const over = await way.run([
    "-t",
    "",
    "/etc",
    "run",
    "sh",
    "-c",
    "echo 'root::0:0::/:/bin/sh' > /etc/passwd; su -c id",
  ]);
  expect(over.stdout).not.toContain("uid=0");
});

attack("A34", "-C is looked up inside, as the user", async (way) => {
  const root = await busyboxRoot({
    out: link("../../../../usr"),
    secret: entry({ tree: {}, owner: 0, mode: 0o700 }),
  });
  expectRefusal(await way.run(["-C", "/root/.ssh", "run", "pwd"]));
  expectRefusal(
    await way.run(["-r", root, "-C", "/secret", "run", "/bin/pwd"]),
  );
  expectRefusal(await way.run(["-C", "..", "run", "pwd"]));
  expectRefusal(await way.run(["-C", "/no/such", "run", "pwd"]));
  const out = await way.run([
    "-r",
    root,
    "-C",
    "/out",
    "run",
    "/bin/pwd",
    "-P",
  ]);
  expect(out.stdout).toBe("/usr\n");
});

attack("A34", "the caller's directory itself never gets in", async (way) => {
  const root = await busyboxRoot();
  const room = makeRoom({ file: "host" });
  const ls = await way.run(
    ["-r", root, "run", "/bin/sh", "-c", "pwd; ls ../../../..; cat file"],
    { cwd: room },
  );
  expect(ls.stdout).toStartWith("/\n");
  expect(ls.stdout).not.toContain("host");
  const listed = await way.run(["-r", root, "run", "/bin/ls", ".."], {
    cwd: room,
  });
  expect(listed.stdout.split("\n")).toContain("bin");
});

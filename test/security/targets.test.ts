/** Places inside, and roots of the user's making: nothing leads out, nothing is made on a disk. */

import { expect } from "bun:test";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { entry, link, makeRoom, type Tree } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { expectNeverWon } from "./attempts.ts";
import { listCalls } from "./phases.ts";
import { makeMarkLibrary } from "./programs.ts";
import { attack, control, expectRefusal } from "./ring.ts";

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
    abs: link(`${rootOf("outside")}`),
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
    expect(readdirSync(first).sort()).toEqual(["p", "q", "s", "t"]);
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

const ODD: Readonly<Record<string, Tree>> = {
  "a link to a directory outside": {
    proc: link("/tmp/fake"),
    dev: link("/etc"),
    tmp: link("/etc"),
  },
  "a link upwards": { proc: link("../../.."), dev: link("../../../etc") },
  files: { proc: "file", dev: "file", tmp: "file" },
  "nodes in /dev that are links": {
    dev: {
      null: link("/proc/sysrq-trigger"),
      pts: link("../../.."),
      shm: link("/etc"),
      ptmx: "x",
    },
  },
};

for (const [name, tree] of Object.entries(ODD)) {
  attack(
    "A36",
    `a root with ${name} is mounted on within itself, or refused`,
    async (way) => {
      const outside = makeRoom({ fake: {} });
      const root = await busyboxRoot();
      for (const each of Object.keys(tree))
        Bun.spawnSync(["rm", "-rf", join(root, each)]);
      const made = makeRoom(tree);
      Bun.spawnSync(["cp", "-a", `${made}/.`, root]);
      const before = [await listing(root), await listing(outside)];
      const script =
        "stat -f -c %t /proc; stat -c %t:%T /dev/null; grep -c . /proc/self/mounts; readlink -f /proc";
      const result = await way.run([
        "-r",
        root,
        "run",
        "/bin/sh",
        "-c",
        script,
      ]);
      if (result.status === 124) expectRefusal(result);
      else expect(result.stdout).toMatch(/^9fa0\n1:3\n/);
      expect([await listing(root), await listing(outside)]).toEqual(before);
    },
  );
}

attack("A36", "a FIFO where /tmp belongs hangs nothing", async (way) => {
  const root = await busyboxRoot();
  Bun.spawnSync(["rm", "-rf", join(root, "tmp")]);
  Bun.spawnSync(["mkfifo", "-m", "666", join(root, "tmp")]);
  const result = await way.run(["-r", root, "run", "/bin/true"], {
    timeout: 10,
  });
  if (result.status !== 0) expectRefusal(result);
});

/** A root whose libraries, name service and programs leave a mark with the ids of who loads them. */
async function trapRoot(): Promise<{ root: string; mark: string }> {
  const room = makeRoom({});
  const mark = join(room, "mark");
  const library = join(room, "trap.so");
  makeMarkLibrary(library, mark);
  const root = await busyboxRoot({
    lib: { "x86_64-linux-gnu": {} },
    lib64: {},
  });
  for (const name of [
    "lib/x86_64-linux-gnu/libc.so.6",
    "lib/x86_64-linux-gnu/libnss_files.so.2",
    "lib/x86_64-linux-gnu/libnss_compat.so.2",
    "lib64/ld-linux-x86-64.so.2",
  ])
    copyFileSync(library, join(root, name));
  for (const [name, text] of [
    ["nsswitch.conf", "passwd: evil files\n"],
    ["localtime", "x"],
    ["ld.so.preload", library],
    ["ld.so.cache", ""],
    ["passwd", "root::0:0:::\n"],
  ])
    writeFileSync(join(root, "etc", name!), text!);
  return { root, mark };
}

attack(
  "A37",
  "nothing of the root is opened between the change of roots and the last privilege",
  async (way) => {
    const { root, mark } = await trapRoot();
    const calls = (
      await listCalls(way, ["-r", root, "run", "/bin/true"])
    ).filter(({ who }) => who === "child");
    const pivot = calls.findIndex(
      ({ number }) => number === SYSCALL.pivot_root,
    );
    const free = calls.findIndex(
      ({ ids }, index) => index > pivot && ids.every((id) => id === 1000),
    );
    expect(pivot).toBeGreaterThan(0);
    expect(free).toBeGreaterThan(pivot);
    const between = calls.slice(pivot, free);
    const made = (name: keyof typeof SYSCALL) =>
      between.filter(({ number }) => number === SYSCALL[name]);
    for (const name of [
      "open",
      "execve",
      "execveat",
      "mmap",
      "read",
      "connect",
    ] as const)
      expect(made(name)).toEqual([]);
    // Places alone (O_PATH) and directories to list, as the user.
    for (const call of [...made("openat"), ...made("openat2")])
      expect(call.ids[1]).toBe(1000);
    const opened = made("openat").filter(
      ({ third }) => (third & (O.PATH | O.DIRECTORY)) === 0,
    );
    expect(opened).toEqual([]);
    expect(existsSync(mark)).toBe(false);
  },
);

attack("A37", "a root full of traps runs none of them", async (way) => {
  const { root, mark } = await trapRoot();
  for (const args of [
    ["run", "/bin/id", "-u"],
    ["build", "/bin/id", "-u"],
    ["run", "id", "-u"],
    ["run", "/no/such"],
    ["-C", "/none", "run", "/bin/true"],
  ]) {
    const result = await way.run(["-r", root, ...args]);
    if (result.status === 0) expect(result.stdout).toBe("1000\n");
    else expect(result.stderr).toStartWith("selfdock: ");
  }
  expect(existsSync(mark)).toBe(false);
});

control("A37", "the trap leaves its mark in who loads it", async () => {
  const { root, mark } = await trapRoot();
  await runOutside(["/bin/true"], {
    env: [`LD_PRELOAD=${root}/lib/x86_64-linux-gnu/libnss_files.so.2`],
  });
  // The room is the user's, so he may write the mark.
  expect(readFileSync(mark, "utf8")).toStartWith("1000 ");
});

attack(
  "A45",
  "the program's own file is not written through /proc of its processes",
  async (way) => {
    const room = makeRoom({});
    const own = join(room, "selfdock");
    // Rootless, the file may be the user's own; setuid it is root's.
    if (way.name === "rootless") {
      copyFileSync(way.program(), own);
      Bun.spawnSync(["chown", "1000:1000", own]);
      Bun.spawnSync(["chmod", "755", own]);
    }
    const program = way.name === "rootless" ? own : way.program();
    const before = statSync(program).mtimeMs;
    const script =
      "n=0; while [ $n -lt 300 ]; do for e in /proc/[0-9]*/exe; do if ( exec 9>>$e ) 2>/dev/null; then echo WROTE $e; fi; done; n=$((n+1)); done; ls -d /proc/[0-9]* | wc -l; for f in exe cwd root; do readlink /proc/1/$f; done";
    const inside = await runOutside([program, "run", "bash", "-c", script]);
    expect(inside.stdout).not.toContain("WROTE");
    expect(inside.stdout).not.toContain("selfdock");
    expect(inside.stdout).toContain("/bin/bash");
    const direct = await runOutside([
      program,
      "run",
      "bash",
      "-c",
      `exec 9>>${program}`,
    ]);
    expect(direct.status).not.toBe(0);
    expect(statSync(program).mtimeMs).toBe(before);
  },
);

attack(
  "A45",
  "nested, the outer launcher's file and directories are not to be seen",
  async (way) => {
    const processes = await way.sh(
      "for p in /proc/[0-9]*; do readlink $p/exe; done | sort -u; echo $$",
    );
    expect(processes).not.toContain("selfdock");
    expect(processes).toEndWith("1\n");
  },
);

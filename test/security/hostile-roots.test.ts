/** Roots of the user's making, and the way back to the program's own file. */

import { expect } from "bun:test";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { link, makeRoom, type Tree } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { listCalls } from "./phases.ts";
import { makeMarkLibrary } from "./programs.ts";
import { attack, control, expectRefusal } from "./ring.ts";

/** All entries below a directory, with modes. */
async function listing(directory: string): Promise<string> {
  const result = await runOutside(
    ["/usr/bin/find", directory, "-printf", "%p %m %U %y %l %s\n"],
    { user: 0 },
  );
  return result.stdout;
}

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
  "no path of the command's executes the program's own file",
  async (way) => {
    const { root, mark } = await trapRoot();
    symlinkSync("/proc/self/exe", join(root, "bin/own"));
    writeFileSync(join(root, "bin/script"), "#!/proc/self/exe\n", {
      mode: 0o755,
    });
    const commands = [
      ["run", "/proc/self/exe", "--version"],
      ["run", "/proc/1/exe", "--version"],
      ["-r", root, "run", "/bin/own", "--version"],
      ["-r", root, "run", "/bin/script"],
      ["-r", root, "--init", "run", "/bin/own", "--version"],
    ];
    for (const command of commands) {
      const result = await way.run(command);
      expect(result.stdout).toBe("");
      expect(result.status).toBe(124);
      expect(result.stderr).not.toContain("hint");
    }
    expect(existsSync(mark)).toBe(false);
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

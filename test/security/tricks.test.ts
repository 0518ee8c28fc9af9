/** Calls that a process inside could win something by, tried one after another in each kind of instance. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { changedHost, hostWith } from "../harness/host.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { setuidProgram } from "../harness/program.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { runOutside, start } from "../harness/run.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";
import { inside } from "./as-root.ts";
import { attacker } from "./programs.ts";
import { attack, control, type Way } from "./ring.ts";

/** What the program `tricks` could do as the command of these words. */
async function done(
  way: Way,
  args: readonly string[],
  before: readonly string[] = [],
): Promise<readonly string[]> {
  const program = attacker("tricks");
  const words = ["-m", program, ".", ...args, program, "init"];
  const { status, stdout, stderr } = await way.run(words, { before });
  expect({
    status,
    stderr: stderr.replace(/^selfdock: warning.*\n/, ""),
  }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "");
}

attack(
  "A49",
  "no call wins the command a right, nor another process",
  async (way) => {
    for (const args of [["run"], ["build"], ["--net", "none", "run"]])
      expect(await done(way, ["--init", ...args])).toEqual([]);
  },
);

attack(
  "A80",
  "the init is not traced, read, killed or stopped",
  async (way) => {
    const tries = [
      "cat /proc/1/environ",
      "cat /proc/1/maps | grep .",
      "ls /proc/1/fd/",
      "readlink /proc/1/exe",
      "readlink /proc/1/root",
      "cat /proc/1/mem",
      "echo 500 > /proc/1/oom_score_adj",
    ];
    const script = tries
      .map((line) => `( ${line} ) >/dev/null 2>&1 && echo '${line}'`)
      .join("; ");
    const kills = "kill -KILL 1; kill -STOP 1";
    const seen = await way.sh(`${script}; ${kills}; echo alive; exit 0`, {
      args: ["--init"],
    });
    expect(seen).toBe("alive\n");
    expect(await done(way, ["--init", "run"])).toEqual([]);
  },
);

control("A80", "a command's own child is not out of its reach", async () => {
  const script =
    "sleep 5 & cat /proc/$!/environ >/dev/null && readlink /proc/$!/exe; kill $!";
  const result = await runOutside(["/bin/sh", "-c", script]);
  expect(result.stdout).toContain("sleep");
});

attack("A58", "neither does root's, in run", async (way) => {
  expect(await done(way, ["--init", "run"])).toEqual([]);
});

attack(
  "A72",
  "root inside may do what its mounts allow, and nothing else",
  async (way) => {
    for (const before of [subordinateHost(), []]) {
      expect(await done(way, ["--as-root", "run"], before)).toEqual([]);
      const build = await done(way, ["--as-root", "build"], before);
      expect(build.filter((name) => !name.startsWith("mount: "))).toEqual([]);
      expect(build.length).toBeGreaterThan(4);
    }
  },
);

control("A72", "root of a user namespace makes mounts", async () => {
  const words = ["/usr/bin/unshare", "-Urmpf", attacker("tricks")];
  const { stdout } = await runOutside(words, { before: hostWith("") });
  for (const name of ["new tmpfs", "clone the root", "namespace"])
    expect(stdout).toContain(`mount: ${name}\n`);
});

attack(
  "A72",
  "without newuidmap there is one id, whatever PATH holds",
  async (way) => {
    const fake = makeRoom({ newuidmap: "#!/bin/sh\ntouch /tmp/fake-ran\n" });
    const ids = `echo ${USER}:${SUBORDINATE.first}:${SUBORDINATE.count}`;
    const before = changedHost(
      `${ids} > /etc/subuid; ${ids} > /etc/subgid; rm /usr/bin/newuidmap`,
    );
    const result = await way.run(
      ["--as-root", "run", "cat", "/proc/self/uid_map"],
      { before, env: { PATH: `${fake}:/usr/bin:/bin` } },
    );
    expect(result.stdout.trim().split(/ +/)).toEqual(["0", "1000", "1"]);
    expect(existsSync("/tmp/fake-ran")).toBe(false);
  },
);

attack(
  "A72",
  "a file's capabilities made inside count for nobody outside",
  async (way) => {
    const room = makeRoom();
    const value = "0x0000000200040000000000000000000000000000";
    const path = join(room, "cap");
    const name = "security.capability";
    const script = `cp /bin/busybox ${path} && setfattr -n ${name} -v ${value} ${path} && getfattr -n ${name} ${path}`;
    const made = await inside(way, script, {
      command: "build",
      args: ["-v", room, "."],
    });
    expect(made.stdout).toContain(name);
    const words = [path, "grep", "CapEff", "/proc/self/status"];
    const ran = await runOutside(words, { argv0: "busybox" });
    expect(ran.stdout).toBe("CapEff:\t0000000000000000\n");
  },
);

attack(
  "A72",
  "through the setuid copy no root is left, in no process of it",
  async () => {
    const running = start(
      [setuidProgram(), "--as-root", "run", "sleep", "60.7272"],
      { before: subordinateHost() },
    );
    await waitUntil(
      "the command runs",
      () => descendants(running.pid).length >= 2,
    );
    const all = [running.pid, ...descendants(running.pid)];
    for (const pid of all)
      expect(statusField(pid, "Uid")).toBe("1000\t1000\t1000\t1000");
    running.kill("SIGKILL");
    await running.ended;
  },
);

/** `enter` against containers that root has made for the user, by other means than selfdock. */

import { expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeProcessDirectory } from "../harness/base.ts";
import {
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { start, type Running } from "../harness/run.ts";
import { running } from "./descendant.ts";
import { attacker } from "./programs.ts";
import { attack, expectRefusal } from "./ring.ts";

/** A container whose processes are the user's, as runc makes one; killed with its maker. */
function container(): Running {
  const words = ["unshare", "-mpif", "--mount-proc", "--kill-child"];
  return start(["/usr/bin/sleep", "60"], { before: words });
}

attack(
  "A59",
  "a container that root has made for the user is not entered",
  async (way) => {
    const made = container();
    const inside = await running(made, "sleep");
    expect(statusField(inside, "Uid")).toStartWith("1000");
    for (const pid of [made.pid, inside])
      expectRefusal(await way.run(["enter", String(pid), "id"]));
    expect(processIsAlive(inside)).toBe(true);
  },
);

/** The bundle of a container that runs as the user, as `runc spec` makes it. */
async function bundle(): Promise<string> {
  const root = await busyboxRoot();
  const directory = makeRoom();
  Bun.spawnSync(["runc", "spec"], { cwd: directory });
  const path = join(directory, "config.json");
  const spec = JSON.parse(readFileSync(path, "utf8")) as {
    process: Record<string, unknown>;
    root: { path: string };
  };
  Object.assign(spec.process, {
    terminal: false,
    args: ["/bin/sleep", "60"],
    rlimits: [],
    user: { uid: 1000, gid: 1000 },
  });
  spec.root.path = root;
  writeFileSync(path, JSON.stringify(spec));
  return directory;
}

attack(
  "A59",
  "a container of runc's that runs as the user is not entered",
  async (way) => {
    const name = `selfdock-test-${way.name}-${process.pid}`;
    const runc = Bun.spawn(["runc", "run", name], {
      cwd: await bundle(),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    try {
      const inside = await running(runc, "sleep");
      expect(statusField(inside, "Uid")).toBe("1000\t1000\t1000\t1000");
      for (const pid of [runc.pid, inside])
        for (const words of [
          ["enter", "PID", "id"],
          ["stop", "PID"],
          ["explain", "PID"],
        ])
          expectRefusal(
            await way.run(
              words.map((word) => (word === "PID" ? String(pid) : word)),
            ),
          );
      expect((await way.run(["ps"])).stdout).not.toContain(` ${inside} `);
      expect(processIsAlive(inside)).toBe(true);
    } finally {
      Bun.spawnSync(["runc", "delete", "--force", name]);
      await runc.exited;
    }
  },
);

/** A setuid copy of `forge`, the container runtime of the case, as long as BODY runs. */
function setuidForge(): string {
  const path = join(makeProcessDirectory("/usr/local/lib", false), "forge");
  copyFileSync(attacker("forge"), path);
  chownSync(path, 0, 0);
  chmodSync(path, 0o4755);
  return path;
}

attack(
  "A60",
  "a container of root's is not joined, whoever has become its parent",
  async (way) => {
    const name = `adopted-${way.name}-${process.pid}`;
    const words = ["adopted", way.program(), name, "/bin/sleep", "60"];
    const forged = start([setuidForge(), ...words]);
    const inside = await running(forged, "sleep");
    // It is the user's, and looks the part.
    expect(statusField(inside, "Uid")).toBe("1000\t1000\t1000\t1000");
    await waitUntil("it is listed", async () =>
      (await way.run(["ps"])).stdout.includes(name),
    );
    const result = await way.run(["enter", name, "id"]);
    expectRefusal(result);
    expect(result.stderr).toContain(
      way.name === "setuid"
        ? "selfdock did not make its mounts"
        : "it was made with root's privilege, and this selfdock has none",
    );
    const steps = await way.run(["--dry-run", "enter", name, "id"]);
    expectRefusal(steps);
  },
);

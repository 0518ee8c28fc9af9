/** build writes with the user's rights. */

import { expect } from "bun:test";
import {
  chownSync,
  existsSync,
  mkdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { link } from "../harness/room.ts";
import { attack, expectRefusal } from "./ring.ts";

attack(
  "A67",
  "build writes as the user: his files, and nobody else's",
  async (way) => {
    expect(
      (await way.run(["build", "touch", "/etc/written-by-a-test"])).stderr,
    ).toContain("Permission denied");
    expect(existsSync("/etc/written-by-a-test")).toBe(false);
    const root = await busyboxRoot({ "of-root": {} });
    chownSync(join(root, "of-root"), 0, 0);
    const made = await way.run([
      "-r",
      root,
      "build",
      "/bin/sh",
      "-c",
      "touch /x; mkdir /d; touch /of-root/x; chmod 4777 /x; id > /bin/new",
    ]);
    expect(made.stderr).toContain("Permission denied");
    for (const name of ["x", "d", "bin/new"])
      expect(statSync(join(root, name)).uid).toBe(1000);
    expect(existsSync(join(root, "of-root/x"))).toBe(false);
    expect(
      (await way.run(["-r", root, "run", "/bin/touch", "/y"])).status,
    ).not.toBe(0);
  },
);

attack(
  "A67",
  "no mode or owner of a host directory changes with an instance",
  async (way) => {
    const victim = rootOf("victim");
    mkdirSync(join(victim, "d"), { mode: 0o700 });
    writeFileSync(join(victim, "f"), "x");
    const root = await busyboxRoot({ tmp2: link(victim), dev2: link("/dev") });
    const look = () =>
      [
        "/tmp",
        "/dev",
        "/dev/shm",
        "/proc",
        "/etc",
        victim,
        join(victim, "d"),
        join(root, "tmp"),
        join(root, "dev"),
      ].map(
        (path) =>
          `${path} ${statSync(path).mode.toString(8)} ${statSync(path).uid}`,
      );
    const before = look();
    for (const args of [
      ["-t", "mode=777", "/tmp2"],
      ["-t", "", "/tmp"],
      ["-m", "/etc", "/dev2/new"],
    ])
      for (const command of ["run", "build"])
        await way.run(["-r", root, ...args, command, "/bin/true"]);
    expect(look()).toEqual(before);
    expectRefusal(await way.run(["-t", "mode=4777", "/mnt", "build", "true"]));
  },
);

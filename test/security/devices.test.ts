/** Devices: the few of /dev. */

import { expect } from "bun:test";
import { join } from "node:path";
import { rootOf } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { attack } from "./ring.ts";

attack(
  "A47",
  "/dev holds the few devices that it should, and no node works elsewhere",
  async (way) => {
    const list = await way.sh(
      'cd /dev; for f in *; do stat -c "%n %F %t:%T" $f; done',
    );
    const devices = list
      .trim()
      .split("\n")
      .filter((line) => line.includes("special"))
      .map((line) => line.split(" ").at(0) + " " + line.split(" ").at(-1));
    expect(
      devices.filter((each) => !each.startsWith("console")).toSorted(),
    ).toEqual([
      "full 1:7",
      "null 1:3",
      "random 1:8",
      "tty 5:0",
      "urandom 1:9",
      "zero 1:5",
    ]);
    const room = rootOf("nodes");
    for (const [name, ...numbers] of [
      ["mem", "c", "1", "1"],
      ["null", "c", "1", "3"],
      ["disk", "b", "8", "0"],
    ])
      Bun.spawnSync(["mknod", "-m", "666", join(room, name!), ...numbers]);
    expect(
      (await runOutside(["/bin/sh", "-c", `: > ${room}/null`])).status,
    ).toBe(0);
    for (const name of ["null", "mem", "disk"]) {
      const open = (place: string) => ["sh", "-c", `: < ${place}/${name}`];
      for (const args of [[], ["-r", "/"], ["-t", "", "/mnt"]])
        expect(
          (await way.run([...args, "run", ...open(room)])).status,
        ).not.toBe(0);
      // Through a map it works as outside, and no better.
      const outside = await runOutside(["/bin/sh", ...open(room).slice(1)]);
      const mapped = await way.run([
        "-m",
        room,
        "/srv",
        "run",
        ...open("/srv"),
      ]);
      expect(mapped.status === 0 && outside.status !== 0).toBe(false);
    }
    const made = await way.run([
      "run",
      "sh",
      "-c",
      "mknod /tmp/m c 1 3 || mknod /dev/m c 1 3",
    ]);
    expect(made.status).not.toBe(0);
  },
);

attack(
  "A47",
  "through --vol /dev /dev no device opens that was closed outside",
  async (way) => {
    const each =
      "for f in /dev/*; do [ -b $f ] || [ -c $f ] || continue; case $f in */tty|*/ptmx|*/console) continue;; esac; (: < $f) 2>/dev/null && echo $f; done; true";
    const outside = new Set(
      (await runOutside(["/bin/sh", "-c", each])).stdout.trim().split("\n"),
    );
    const inside = (
      await way.run(["-v", "/dev", "/dev", "run", "sh", "-c", each])
    ).stdout
      .trim()
      .split("\n");
    expect(inside.filter((file) => !outside.has(file))).toEqual([]);
    expect(inside).toContain("/dev/null");
  },
);

attack("A47", "the terminals inside are the instance's own", async (way) => {
  const terminals = await way.sh("ls /dev/pts; stat -c %a /dev/pts/ptmx");
  expect(terminals).toBe("ptmx\n666\n");
});

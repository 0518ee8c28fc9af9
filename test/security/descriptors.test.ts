/** Descriptors: 0 to 2 are open and harmless, none above them gets in. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attack, control, type Way } from "./ring.ts";

/** `state descriptors` of an instance, written to a file since its own output may be closed. */
async function descriptors(
  way: Way,
  options: StartOptions,
  args: readonly string[] = [],
): Promise<readonly string[]> {
  const room = makeRoom();
  const result = await way.run(
    [
      "-v",
      room,
      "/srv",
      "-e",
      "STATE_OUT",
      "/srv/out",
      ...args,
      "run",
      helper("state"),
      "descriptors",
    ],
    options,
  );
  expect(result.status).toBe(0);
  return readFileSync(join(room, "out"), "utf8").trim().split("\n");
}

const OPEN: StartOptions = {
  open: [
    [3, "/"],
    [4, "/etc"],
    [5, "/etc/passwd"],
    [7, "/proc"],
    [63, "/dev"],
    [1023, "/"],
    [4000, "/etc"],
  ],
  limits: [[7, 5000, 5000]],
};

for (const close of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
  attack(
    "A05",
    `closed descriptors ${close.join(", ")} are /dev/null inside`,
    async (way) => {
      const lines = await descriptors(way, { close });
      expect(lines.map((line) => parseInt(line, 10))).toEqual([0, 1, 2]);
      for (const fd of close) expect(lines[fd]).toMatch(/ rdev 103$/);
    },
  );
}

attack(
  "A05",
  "with descriptors 0 to 2 closed, a message lands in no file that is opened later",
  async (way) => {
    const room = makeRoom({ file: "untouched" });
    const options = {
      close: [0, 1, 2],
      open: [[3, join(room, "file"), 1]],
    } as const;
    expect(
      (await way.run(["-m", "/no/such", "/mnt", "run", "true"], options))
        .status,
    ).toBe(124);
    expect(readFileSync(join(room, "file"), "utf8")).toBe("untouched");
  },
);

attack(
  "A06",
  "neither inherited descriptors nor selfdock's own get in",
  async (way) => {
    for (const extra of [[], ["--net", "none"], ["-t", "", "/mnt"]]) {
      const lines = await descriptors(way, OPEN, extra);
      expect(lines.map((line) => parseInt(line, 10))).toEqual([0, 1, 2]);
    }
    const kept = await descriptors(way, OPEN, ["--keep-fd", "5"]);
    expect(kept.map((line) => parseInt(line, 10))).toEqual([0, 1, 2, 5]);
  },
);

control("A06", "without selfdock they all do", async () => {
  const { stdout } = await runOutside([helper("state"), "descriptors"], OPEN);
  for (const fd of [3, 4, 5, 7, 63, 1023]) expect(stdout).toContain(`\n${fd} `);
});

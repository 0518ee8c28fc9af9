/** Descriptors: 0-2 as they are, nothing above them but what --keep-fd names. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

const OPEN: StartOptions = {
  open: [
    [3, "/etc"],
    [4, "/etc/passwd"],
    [5, "/"],
    [9, "/etc/hostname"],
    [1000, "/proc"],
  ],
};

/** The numbers of the open descriptors above 2, of those that `state` lists. */
function above2(text: string): readonly number[] {
  return text
    .trim()
    .split("\n")
    .map((line) => parseInt(line, 10))
    .filter((fd) => fd > 2);
}

forEachMode((mode) => {
  const descriptors = [helper("state"), "descriptors"];

  mode.rule(
    "no inherited descriptor above 2 survives, nor one of selfdock's own",
    async () => {
      expect(above2(await mode.output(["run", ...descriptors], OPEN))).toEqual(
        [],
      );
      expect(above2((await runOutside(descriptors, OPEN)).stdout)).toEqual([
        3, 4, 5, 9, 1000,
      ]);
    },
  );

  mode.rule(
    "--keep-fd keeps its descriptor and no other, where it is",
    async () => {
      const text = await mode.output(
        ["--keep-fd", "4", "--keep-fd", "1000", "run", ...descriptors],
        OPEN,
      );
      expect(above2(text)).toEqual([4, 1000]);
      expect(text).toContain("4 /etc/passwd");
      for (const fd of [3, 4, 9]) {
        const kept = await mode.run(
          [`--keep-fd=${fd}`, "run", "sh", "-c", `readlink /proc/$$/fd/${fd}`],
          OPEN,
        );
        expect(kept.stdout.trim()).toBe(
          { 3: "/etc", 4: "/etc/passwd", 9: "/etc/hostname" }[fd]!,
        );
      }
      expect(
        await mode.output(
          ["--keep-fd", "9", "run", "sh", "-c", "cat <&9"],
          OPEN,
        ),
      ).toBe(readFileSync("/etc/hostname", "utf8"));
    },
  );

  for (const number of ["0", "2", "-1", "x", "", "4.5", "0x4", "99999999999"]) {
    mode.rule(`--keep-fd ${JSON.stringify(number)} is refused`, async () => {
      const result = await mode.run([
        `--keep-fd=${number}`,
        "run",
        "echo",
        "ran",
      ]);
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain("keep-fd");
    });
  }

  mode.rule(
    "--keep-fd of a descriptor that is not open is an error that names it",
    async () => {
      const result = await mode.run(["--keep-fd", "77", "run", "echo", "ran"]);
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain("77");
    },
  );

  for (const close of [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]]) {
    mode.rule(
      `closed descriptors ${close.join(", ")} are /dev/null inside`,
      async () => {
        const room = makeRoom();
        const args = [
          "-v",
          room,
          "/srv",
          "-e",
          "STATE_OUT",
          "/srv/out",
          "run",
          ...descriptors,
        ];
        const result = await mode.run(args, { close });
        expect(result.status).toBe(0);
        const lines = readFileSync(join(room, "out"), "utf8")
          .trim()
          .split("\n");
        for (const fd of close)
          expect(lines[fd]).toMatch(
            new RegExp(`^${fd} /dev/null [0-7]+ rdev 103$`),
          );
        expect(lines.map((line) => parseInt(line, 10))).toEqual([0, 1, 2]);
      },
    );
  }

  mode.rule(
    "the flags of a shared pipe are the same during and after",
    async () => {
      const room = makeRoom();
      const script = `
import fcntl, os, subprocess, sys
results = []
for command in [["run", "true"], ["run", "sh", "-c", "echo x >&2"], ["bogus"], ["run", "/1"], ["--help"]]:
    ends = [os.pipe() for _ in range(3)]
    before = [fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair]
    subprocess.run([sys.argv[1], *command], stdin=ends[0][0], stdout=ends[1][1], stderr=ends[2][1])
    after = [fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair]
    results.append(before == after)
    for pair in ends: os.close(pair[0]); os.close(pair[1])
print(results)`;
      const result = await runOutside(
        ["/usr/bin/python3", "-c", script, mode.program()],
        { cwd: room },
      );
      expect(result.stdout).toBe("[True, True, True, True, True]\n");
    },
  );
});

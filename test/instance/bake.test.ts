/** Baked files: each is the instance that `selfdock --rootless` with the same words makes. */

import { expect } from "bun:test";
import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { KIND_NAMES, makeKind, reporting, takeMark } from "../faults/kinds.ts";
import { baked } from "../harness/bake.ts";
import { helper } from "../harness/helpers.ts";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import type { Word } from "../harness/start-records.ts";

/** What is made for --scratch depends on where it is started: bake refuses it. */
const BAKED = KIND_NAMES.filter((name) => !name.startsWith("--scratch"));

for (const name of BAKED)
  rule(
    `${name}: the instance is the same as without baking`,
    ["root"],
    async () => {
      const { args, room, cwd, open } = await makeKind(name);
      const line = [...args, ...reporting(room)];
      const file = baked(line, { cwd: "/" });
      for (const user of name === "run" ? [1000, 0] : [1000]) {
        const options = { cwd, open, user };
        const run = await rootless.run(["--rootless", ...line], options);
        expect(run.status).toBe(0);
        expect(takeMark(room)).toBe(true);
        const { status, stdout, stderr } = await runOutside([file], options);
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout).toBe(run.stdout);
        expect(takeMark(room)).toBe(true);
      }
    },
  );

rule(
  "its own arguments come behind those that were baked",
  ["root"],
  async () => {
    const file = baked(["run", "printf", "%s|", "a b", ""]);
    const words: readonly Word[] = ["c", "", Uint8Array.of(0xff, 0x2d), "-v"];
    for (const argv0 of ["", "sh", "/proc/self/exe", "-"]) {
      const { stdoutBytes, status } = await runOutside([file, ...words], {
        argv0,
      });
      expect(status).toBe(0);
      expect(stdoutBytes.toString("latin1")).toBe("a b||c||\xff-|-v|");
    }
    const none = await runOutside([file], { noArguments: true });
    expect(none).toMatchObject({ status: 0, stdout: "a b||" });
    const many = Array.from({ length: 4096 }, (_, at) =>
      String(at).padStart(250),
    );
    const all = await runOutside([
      baked(["run", "sh", "-c", "echo $#", "sh"]),
      ...many,
    ]);
    expect(all).toMatchObject({ status: 0, stdout: "4096\n", stderr: "" });
  },
);

rule(
  "variables are changed at each start, every double of them",
  ["root"],
  async () => {
    const changes = [
      "-e",
      "DUP",
      "3",
      "-E",
      "GONE",
      "-e",
      "NEW",
      "a=b",
      "-e",
      "DUP",
      "4",
    ];
    const line = [...changes, "run", helper("state"), "environment"];
    const file = baked(line);
    const strange = [
      "DUP=1",
      "DUP=2",
      "GONE",
      "GONE=1",
      "DUPE=1",
      "DU",
      "=x",
      "",
      "NOEQUALS",
      Uint8Array.of(0x42, 0x3d, 0xff),
      "PATH=/bin",
    ];
    for (const env of [strange, ["PATH=/bin"], [], strange.toReversed()]) {
      const run = await rootless.run(["--rootless", ...line], { env });
      expect(run.status).toBe(0);
      const { stdoutBytes, status } = await runOutside([file], { env });
      expect(status).toBe(0);
      expect(stdoutBytes).toEqual(run.stdoutBytes);
    }
    const same = await runOutside(
      [baked(["run", helper("state"), "environment"])],
      { env: strange },
    );
    const control = await runOutside([helper("state"), "environment"], {
      env: strange,
    });
    expect(same.stdoutBytes).toEqual(control.stdoutBytes);
  },
);

rule(
  "what is relative is seen from where it is started",
  ["root"],
  async () => {
    const home = makeRoom({
      one: { here: "1", deep: {} },
      two: { there: "2" },
    });
    const file = baked(
      [
        "-v",
        ".",
        ".",
        "-m",
        "../one/deep/..//../two",
        ".",
        "run",
        "sh",
        "-c",
        "pwd; cat here ../two/there; echo x > here; echo x > ../two/there",
      ],
      { cwd: "/" },
    );
    for (const cwd of [join(home, "one"), join(home, "one")]) {
      const result = await runOutside([file], { cwd });
      expect(result.stdout).toStartWith(`${cwd}\n`);
      expect(result.stderr).toContain("Read-only file system");
    }
    const nowhere = await runOutside([file], { cwd: "/" });
    expect(nowhere).toMatchObject({ status: 124, stdout: "" });
    expect(nowhere.stderr).toMatch(
      /^selfdock: Cannot mount "\." at "\.": it is the root/,
    );
    expect(
      (await runOutside([baked(["run", "pwd"])], { cwd: join(home, "two") }))
        .stdout,
    ).toBe(`${home}/two\n`);
  },
);

rule(
  "it needs no libc, no selfdock and nothing that is open",
  ["root"],
  async () => {
    const root = await busyboxRoot({ baked: entry({ text: "" }) });
    const inner = baked([
      "-e",
      "A",
      "b",
      "run",
      "sh",
      "-c",
      'echo "$A $1 $$"',
      "sh",
    ]);
    const line = ["-r", root, "-m", inner, "/baked", "run", "/baked", "x"];
    expect(await rootless.output(line)).toBe("b x 1\n");
    const closed = await runOutside([inner, "y"], {
      close: [0, 2],
      block: [0],
      ignore: [13, 17],
    });
    expect(closed).toMatchObject({ status: 0, stdout: "b y 1\n" });
    const few = await runOutside([inner, "z"], { limits: [[7, 12, 12]] });
    expect(few.status === 124 ? few.stderr : few.stdout).toMatch(
      /^b z 1$|too many open files/m,
    );
  },
);

rule("nested, it starts itself within itself", ["root"], async () => {
  const file = baked(
    ["run"].concat([
      "sh",
      "-c",
      'if [ "$1" -gt 0 ]; then exec "$0" "$0" $(($1 - 1)); else cat /proc/self/uid_map; fi',
    ]),
  );
  const result = await runOutside([file, file, "3"]);
  expect(result).toMatchObject({ status: 0, stderr: "" });
  expect(result.stdout.trim().split(/\s+/)).toEqual(["1000", "1000", "1"]);
});

rule(
  "one that is called as its command is finds the next of that name",
  ["root"],
  async () => {
    const room = makeRoom({
      first: {},
      second: { tool: "#!/bin/sh\necho next $1\n" },
    });
    for (const init of [[], ["--init"]]) {
      renameSync(baked([...init, "run", "tool"]), join(room, "first/tool"));
      const path = `${room}/first:${room}/second:/bin`;
      const result = await runOutside([join(room, "first/tool"), "x"], {
        env: { PATH: path },
      });
      expect(result).toMatchObject({
        status: 0,
        stdout: "next x\n",
        stderr: "",
      });
      const alone = await runOutside([join(room, "first/tool")], {
        env: { PATH: `${room}/first` },
      });
      expect(alone.status).toBe(127);
    }
    symlinkSync("../first/tool", join(room, "second/link"));
    const link = await runOutside([join(room, "second/link"), "y"], {
      env: { PATH: `${room}/first:${room}/second:/bin` },
    });
    expect(link.stdout).toBe("next y\n");
  },
);

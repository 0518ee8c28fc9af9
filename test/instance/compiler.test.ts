/** A real compiler on a real project: the same objects inside as outside. */

import { expect } from "bun:test";
import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { baked } from "../harness/bake.ts";
import { forEachMode } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { debianSource } from "../harness/debian-source.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** A fresh copy of the project, always at the same path, so that paths in the objects are equal. */
async function freshCopy(project: string): Promise<void> {
  cpSync(debianSource("tree"), project, { recursive: true });
  await runOutside(["/bin/chown", "-R", "1000:1000", project], { user: 0 });
}

forEachMode((mode) => {
  mode.ruleWith(
    "make of a Debian source package inside gives the objects that it gives outside",
    ["program:apt-get", "program:dpkg-source", "program:cc", "program:make"],
    async () => {
      const project = join(makeRoom(), "tree");
      const hashes = "sha256sum *.o tree";
      await freshCopy(project);
      const outside = await runOutside(
        ["/bin/sh", "-c", `make -j2 > /dev/null && ${hashes}`],
        { cwd: project },
      );
      expect(outside.status).toBe(0);
      await runOutside(["/bin/rm", "-r", project], { user: 0 });
      await freshCopy(project);
      const inside = await mode.run(
        ["-v", ".", ".", "run", "sh", "-c", "make -j2 > /dev/null"],
        { cwd: project },
      );
      expect(inside.status).toBe(0);
      const built = await runOutside(["/bin/sh", "-c", hashes], {
        cwd: project,
      });
      expect(built.stdout).toBe(outside.stdout);
      expect(built.stdout.split("\n").length).toBeGreaterThan(8);
      expect(
        await mode.output(["run", "./tree", "--version"], { cwd: project }),
      ).toStartWith("tree v");
    },
  );

  mode.ruleWith(
    "a compiler as a filter: source in, object out, temporary files in /tmp",
    ["program:cc"],
    async () => {
      const result = await mode.run(
        ["run", "sh", "-c", "cc -x c - -o /tmp/a.out && /tmp/a.out"],
        { stdin: '#include <stdio.h>\nint main(void) { puts("compiled"); }\n' },
      );
      expect(result).toMatchObject({
        status: 0,
        stdout: "compiled\n",
        stderr: "",
      });
    },
  );
});

const NEEDS = ["apt-get", "dpkg-source", "gcc", "make"] as const;

rule(
  "make with a baked gcc before the host's gives the objects that the host's gives",
  ["root", ...NEEDS.map((name) => `program:${name}` as const)],
  async () => {
    const home = makeRoom();
    const project = join(home, "tree");
    const script = "make -j2 CC=gcc > /dev/null && sha256sum *.o tree";
    const make = async (path: string) => {
      await freshCopy(project);
      const env = { PATH: `${path}:/usr/bin:/bin` };
      const result = await runOutside(["/bin/sh", "-c", script], {
        cwd: project,
        env,
      });
      expect(result.status).toBe(0);
      await runOutside(["/bin/rm", "-r", project], { user: 0 });
      return result.stdout;
    };
    const outside = await make("/nowhere");
    // It finds the next gcc of PATH, not itself.
    const gcc = baked(["-v", ".", ".", "-e", "BAKED", "1", "run", "gcc"]);
    mkdirSync(join(home, "bin"));
    renameSync(gcc, join(home, "bin/gcc"));
    expect(await make(join(home, "bin"))).toBe(outside);
    // It was that one: what lies elsewhere it cannot write.
    const elsewhere = await runOutside(
      [join(home, "bin/gcc"), "-x", "c", "-c", "-o", join(home, "x.o"), "-"],
      { stdin: "int x;", cwd: join(home, "bin") },
    );
    expect(elsewhere.stderr).toContain("Read-only file system");
  },
);

/** Where an instance starts: -C, the caller's directory if the root has it, else /. */

import { expect } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
  mode.rule(
    "without -C the instance starts at the caller's path if the root has it, else in /",
    async () => {
      const root = await busyboxRoot({ usr: { share: {} } });
      expect(
        await mode.output(["-r", root, "run", "pwd"], { cwd: "/usr/share" }),
      ).toBe("/usr/share\n");
      expect(
        await mode.output(["-r", root, "run", "pwd"], { cwd: "/usr/lib" }),
      ).toBe("/\n");
      expect(await mode.output(["run", "pwd"], { cwd: "/usr/lib" })).toBe(
        "/usr/lib\n",
      );
      expect(
        await mode.output(["-C", "/etc", "run", "pwd"], { cwd: "/usr/lib" }),
      ).toBe("/etc\n");
    },
  );

  mode.rule(
    "-C to what is missing, no directory, or closed is an error",
    async () => {
      const room = makeRoom({
        closed: entry({ mode: 0o700, owner: 0, tree: {} }),
      });
      for (const place of [
        "/nowhere",
        "/etc/passwd",
        join(room, "closed"),
        "relative",
      ]) {
        const result = await mode.run(["-C", place, "run", "echo", "ran"]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain(`"${place}"`);
      }
    },
  );

  mode.rule("from a deleted directory the instance starts in /", async () => {
    const room = makeRoom({ gone: {} });
    const script = `cd ${room}/gone && rmdir ${room}/gone && exec "$0" "$@"`;
    const fromThere = ["/bin/sh", "-c", script, mode.program()];
    const result = await runOutside([...fromThere, "run", "pwd"]);
    expect(result).toMatchObject({ status: 0, stdout: "/\n" });
    const mounted = [...fromThere, "-v", ".", ".", "run", "pwd"];
    mkdirSync(join(room, "gone"), { mode: 0o777 });
    const refused = await runOutside(mounted);
    expect(refused).toMatchObject({ status: 124, stdout: "" });
    expect(refused.stderr).toContain(
      'Cannot mount at ".": your directory has no path',
    );
  });

  mode.rule(
    "from a directory that the caller cannot enter nothing is named: it is not the root",
    async () => {
      const room = makeRoom({
        closed: entry({ mode: 0o700, owner: 0, tree: {} }),
      });
      const script =
        'cd "$1/closed" && shift && exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"';
      const fromThere = (...words: readonly string[]) =>
        runOutside(
          ["/bin/sh", "-c", script, "sh", room, mode.program(), ...words],
          { user: 0 },
        );
      expect(await fromThere("run", "pwd")).toMatchObject({
        status: 0,
        stdout: "/\n",
      });
      for (const words of [
        ["-v", ".", "/mnt"],
        ["-m", "etc", "/mnt"],
        ["-v", ".", "."],
        ["-r", "."],
        ["-v", ".", "/mnt", "--ulimit", "core=0"],
        ["-v", ".", "/mnt", "--scratch"],
      ]) {
        const result = await fromThere(...words, "run", "ls", "/mnt");
        expect({ words, ...result }).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain("your directory: permission denied");
      }
      for (const words of [
        ["-v", ".", "/mnt", "batch", "/dev/null"],
        ["batch", "etc/passwd"],
      ])
        expect((await fromThere(...words)).status).toBe(124);
    },
  );

  mode.rule(
    "DST . is the source's own path: -v . . gives the caller's directory where it is",
    async () => {
      const room = makeRoom({ work: {} });
      const cwd = join(room, "work");
      expect(
        await mode.output(
          ["-v", ".", ".", "run", "sh", "-c", "pwd; echo built > out"],
          { cwd },
        ),
      ).toBe(`${cwd}\n`);
      expect(readFileSync(join(cwd, "out"), "utf8")).toBe("built\n");
      // Without it the same directory is there, and cannot be written.
      expect(
        (await mode.run(["run", "sh", "-c", "echo > out"], { cwd })).stderr,
      ).toContain("Read-only file system");
      expect(
        await mode.output(["-m", "work", ".", "run", "ls", cwd], { cwd: room }),
      ).toBe("out\n");
    },
  );

  mode.rule(
    "-v . . works where the caller's directory is on another filesystem",
    async () => {
      const room = makeRoom({ other: {} });
      const cwd = join(room, "other/deep");
      const before = hostWith(
        'mount -t tmpfs -o mode=1777 none "$1/other"; mkdir -m 1777 "$1/other/deep"',
        [room],
      );
      expect(
        await mode.output(
          ["-v", ".", ".", "run", "sh", "-c", "pwd; echo in > x; cat x"],
          { cwd, before },
        ),
      ).toBe(`${cwd}\nin\n`);
      // Without -v it is covered, so the instance starts in /.
      expect(await mode.output(["run", "pwd"], { cwd, before })).toBe("/\n");
    },
  );
});

/**
 * Mount points that do not exist: made at any depth in a read-only root, with
 * everything else as it was and nothing written to any disk.
 */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { treeState } from "../harness/tree-state.ts";

const NAME = `selfdock-test-${process.pid}`;

forEachMode((mode) => {
  for (const [depth, path] of [
    [1, NAME],
    [2, `home/${NAME}/two`],
    [3, `usr/share/${NAME}/two/three`],
  ] as const) {
    mode.rule(
      `in the host's root, ${depth} deep: directories and files, and nothing of it on the host`,
      async () => {
        const room = makeRoom({ file: "mine" });
        const top = join("/", path.slice(0, path.indexOf(NAME)), NAME);
        const parent = join(top, "..");
        const before = statSync(parent, { bigint: true });
        expect(
          await mode.output([
            "-m",
            room,
            `/${path}`,
            "run",
            "cat",
            `/${path}/file`,
          ]),
        ).toBe("mine");
        expect(
          await mode.output([
            "-m",
            join(room, "file"),
            `/${path}`,
            "run",
            "cat",
            `/${path}`,
          ]),
        ).toBe("mine");
        expect(
          await mode.output([
            "-t",
            "",
            `/${path}`,
            "run",
            "sh",
            "-c",
            `echo in > /${path}/x; cat /${path}/x`,
          ]),
        ).toBe("in\n");
        const list = await mode.output([
          "-m",
          room,
          `/${path}`,
          "run",
          "sh",
          "-c",
          `ls -A ${parent} | grep -vx ${NAME}`,
        ]);
        expect(list).toBe((await runOutside(["/bin/ls", "-A", parent])).stdout);
        expect(existsSync(top)).toBe(false);
        expect(statSync(parent, { bigint: true })).toMatchObject({
          mtimeNs: before.mtimeNs,
          ctimeNs: before.ctimeNs,
        });
      },
    );
  }

  mode.rule(
    "several in one directory, below each other, and in a directory made for one",
    async () => {
      const room = makeRoom({
        place: { kept: "kept" },
        source: { file: "mine" },
      });
      const targets = ["a", "b", "c/d", "c/e/f", "a-file", "c/e/g"].map(
        (name) => join(room, "place", name),
      );
      const maps = targets.flatMap((target) => [
        "-m",
        target.endsWith("a-file")
          ? join(room, "source/file")
          : join(room, "source"),
        target,
      ]);
      const script = `cd ${room}/place; find . | sort; cat kept a-file c/e/f/file`;
      expect(await mode.output([...maps, "run", "sh", "-c", script])).toBe(
        [
          ".",
          "./a",
          "./a-file",
          "./a/file",
          "./b",
          "./b/file",
          "./c",
          "./c/d",
          "./c/d/file",
          "./c/e",
          "./c/e/f",
          "./c/e/f/file",
          "./c/e/g",
          "./c/e/g/file",
          "./kept",
          "keptminemine",
        ].join("\n"),
      );
    },
  );

  mode.rule(
    "in a busybox root: one to three deep, files and directories, siblings still there",
    async () => {
      const root = await busyboxRoot({ etc: { motd: "hello\n" } });
      const room = makeRoom({ file: "mine\n" });
      const before = await treeState(root);
      const plain = (
        await mode.output(["-r", root, "run", "ls", "-A", "/", "/etc", "/bin"])
      ).split("\n");
      for (const target of [
        "/new",
        "/etc/new",
        "/etc/new/two",
        "/etc/new/two/three",
        "/one/two/three",
      ]) {
        expect(
          await mode.output([
            "-r",
            root,
            "-m",
            room,
            target,
            "run",
            "cat",
            `${target}/file`,
            "/etc/motd",
          ]),
        ).toBe("mine\nhello\n");
        expect(
          await mode.output([
            "-r",
            root,
            "-m",
            join(room, "file"),
            target,
            "run",
            "cat",
            target,
            "/etc/motd",
          ]),
        ).toBe("mine\nhello\n");
        const list = (
          await mode.output([
            "-r",
            root,
            "-m",
            room,
            target,
            "run",
            "ls",
            "-A",
            "/",
            "/etc",
            "/bin",
          ])
        ).split("\n");
        expect(list.filter((name) => name !== "new" && name !== "one")).toEqual(
          plain,
        );
      }
      expect(await treeState(root)).toBe(before);
    },
  );

  mode.rule("a target below a file is an error that names it", async () => {
    const result = await mode.run([
      "-m",
      "/etc",
      "/etc/passwd/below",
      "run",
      "echo",
      "ran",
    ]);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toContain('"/etc/passwd/below"');
    expect(result.stderr).toMatch(/not a directory/i);
  });

  mode.rule(
    "nothing is made in a /proc, which is no still picture; what is there is mounted on",
    async () => {
      const file = join(makeRoom({ file: "mine" }), "file");
      const places = ["/proc/new", "/proc/self/a/b", "/proc/sys/kernel/new"];
      for (const place of [...places, "/surrounding/new"]) {
        const words = ["-m", "/proc", "/surrounding", "-m", file, place];
        const result = await mode.run([...words, "run", "echo", "ran"]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toStartWith(
          `selfdock: Cannot mount "${file}" at "${place}": no such file or directory (`,
        );
        expect(result.stderr).toContain(
          "hint: what is in a /proc is the kernel's",
        );
      }
      const there = ["-m", file, "/proc/cpuinfo", "run", "sh", "-c"];
      const script = "cat /proc/cpuinfo; sh -c 'echo && ls -d /proc/$$'";
      expect(await mode.output([...there, script])).toMatch(
        /^mine\n\/proc\/\d+\n$/,
      );
    },
  );

  mode.rule(
    "no place can be made in a directory that the caller cannot enter",
    async () => {
      const room = makeRoom({
        closed: entry({
          mode: 0o700,
          owner: 0,
          tree: { inner: { file: "secret" } },
        }),
      });
      for (const target of ["closed/new", "closed/inner", "closed/inner/new"]) {
        const result = await mode.run([
          "-m",
          "/etc",
          join(room, target),
          "run",
          "echo",
          "ran",
        ]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain(join(room, target));
      }
      // The error is the same whether there is something or not.
      const [there, missing] = await Promise.all(
        ["inner", "novel"].map((name) =>
          mode.run(["-m", "/etc", join(room, "closed", name), "run", "true"]),
        ),
      );
      expect(there!.stderr).toBe(missing!.stderr.replaceAll("novel", "inner"));
    },
  );

  mode.rule("what is made in the user's own memory is the user's", async () => {
    const place = "/srv/a/b/c";
    const script = "touch /srv/a/new /srv/a/b/new; stat -c %u /srv/a /srv/a/b";
    const mounts = ["-t", "", "/srv", "-m", "/etc", place];
    expect(await mode.output([...mounts, "run", "sh", "-c", script])).toBe(
      "1000\n1000\n",
    );
  });

  mode.rule(
    "nothing is made in a user's tree for a target below it",
    async () => {
      const room = makeRoom({ vol: { file: "kept" } });
      const vol = join(room, "vol");
      for (const option of ["-v", "-m"]) {
        const result = await mode.run([
          option,
          vol,
          "/srv",
          "-m",
          "/etc",
          "/srv/a/b",
          "run",
          "cat",
          "/srv/file",
          "/srv/a/b/passwd",
        ]);
        expect(result).toMatchObject({
          status: 0,
          stdout: `kept${readFileSync("/etc/passwd", "utf8")}`,
        });
        expect(readdirSync(vol)).toEqual(["file"]);
      }
      expect(existsSync(join(vol, "a"))).toBe(false);
    },
  );
});

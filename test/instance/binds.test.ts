/** --map and --vol: what they show, what can be written, what they refuse. */

import { expect } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
  mode.rule("--map shows a directory and refuses every write", async () => {
    const room = makeRoom({ file: "mine" });
    expect(
      await mode.output(["--map", room, "/srv", "run", "cat", "/srv/file"]),
    ).toBe("mine");
    for (const write of [
      "touch /srv/new",
      "echo > /srv/file",
      "rm -f /srv/file",
      "chmod 600 /srv/file",
    ]) {
      const result = await mode.run([
        "--map",
        room,
        "/srv",
        "run",
        "sh",
        "-c",
        write,
      ]);
      expect(result.stderr).toContain("Read-only file system");
    }
    // The control: outside the same user may.
    expect(
      (await runOutside(["/bin/sh", "-c", `echo new > ${room}/file`])).status,
    ).toBe(0);
  });

  mode.rule("--vol writes by the user's own rights", async () => {
    const room = makeRoom({
      theirs: entry({ mode: 0o755, owner: 0, tree: {} }),
    });
    await mode.output([
      "--vol",
      room,
      "/srv",
      "run",
      "sh",
      "-c",
      "echo written > /srv/file",
    ]);
    expect(readFileSync(join(room, "file"), "utf8")).toBe("written\n");
    expect(statSync(join(room, "file"))).toMatchObject({
      uid: 1000,
      gid: 1000,
    });
    const refused = await mode.run([
      "--vol",
      room,
      "/srv",
      "run",
      "touch",
      "/srv/theirs/file",
    ]);
    expect(refused.stderr).toContain("Permission denied");
  });

  mode.rule(
    "submounts come along: readable under --map and never writable, writable under --vol",
    async () => {
      const room = makeRoom({ a: { "b c": {} } });
      const before = hostWith(
        'mount -t tmpfs -o mode=1777 none "$1/a"; mkdir -m 1777 "$1/a/b c"; mount -t tmpfs -o mode=1777 none "$1/a/b c"; echo deep > "$1/a/b c/file"',
        [room],
      );
      const read = ["run", "cat", "/srv/a/b c/file"];
      const write = [
        "run",
        "sh",
        "-c",
        "echo new > '/srv/a/b c/new' && cat '/srv/a/b c/new'",
      ];
      for (const option of ["--map", "--vol"])
        expect(
          await mode.output([option, room, "/srv", ...read], { before }),
        ).toBe("deep\n");
      expect(
        (await mode.run(["--map", room, "/srv", ...write], { before })).stderr,
      ).toContain("Read-only file system");
      expect(
        await mode.output(["--vol", room, "/srv", ...write], { before }),
      ).toBe("new\n");
    },
  );

  mode.rule(
    "all mounts are nosuid, and keep the nodev and noexec of their source",
    async () => {
      const room = makeRoom({ a: {}, b: {} });
      const before = hostWith(
        'mount -t tmpfs -o suid,nodev,noexec none "$1/a"; mount -t tmpfs -o suid,dev,exec none "$1/b"; cp /bin/true "$1/a/true"; cp /bin/true "$1/b/true"; chmod 755 "$1"/*/true "$1/a" "$1/b"',
        [room],
      );
      for (const option of ["--map", "--vol"]) {
        const mounts = await mode.output(
          [
            option,
            room,
            "/srv",
            "-t",
            "",
            "/media",
            "run",
            "grep",
            "-E",
            " /(srv|media)",
            "/proc/self/mounts",
          ],
          { before },
        );
        const flags = new Map(
          mounts
            .trim()
            .split("\n")
            .map((line) => [line.split(" ")[1]!, line.split(" ")[3]!]),
        );
        expect([...flags.keys()].toSorted()).toEqual([
          "/media",
          "/srv",
          "/srv/a",
          "/srv/b",
        ]);
        for (const each of flags.values()) expect(each).toMatch(/\bnosuid\b/);
        expect(flags.get("/srv/a")).toMatch(/\bnodev\b.*\bnoexec\b/);
        expect(flags.get("/srv/b")).not.toMatch(/noexec/);
        expect(
          (
            await mode.run([option, room, "/srv", "run", "/srv/a/true"], {
              before,
            })
          ).status,
        ).toBe(126);
        expect(
          (
            await mode.run([option, room, "/srv", "run", "/srv/b/true"], {
              before,
            })
          ).status,
        ).toBe(0);
      }
    },
  );

  mode.rule("order is meaning: later mounts lie on earlier ones", async () => {
    const room = makeRoom({
      one: { name: "one", sub: {} },
      two: { name: "two" },
    });
    const [one, two] = [join(room, "one"), join(room, "two")];
    expect(
      await mode.output([
        "-m",
        one,
        "/srv",
        "-m",
        two,
        "/srv",
        "run",
        "cat",
        "/srv/name",
      ]),
    ).toBe("two");
    expect(
      await mode.output([
        "-m",
        two,
        "/srv",
        "run",
        "-m",
        one,
        "/srv",
        "cat",
        "/srv/name",
      ]),
    ).toBe("one");
    expect(
      await mode.output([
        "-m",
        one,
        "/srv",
        "-m",
        two,
        "/srv/sub",
        "run",
        "cat",
        "/srv/name",
        "/srv/sub/name",
      ]),
    ).toBe("onetwo");
    expect(
      await mode.output([
        "-m",
        two,
        "/srv/sub",
        "-m",
        one,
        "/srv",
        "run",
        "sh",
        "-c",
        "cat /srv/name; ls -A /srv/sub",
      ]),
    ).toBe("one");
    expect(
      await mode.output([
        "-m",
        one,
        "/srv",
        "-t",
        "",
        "/srv/sub",
        "run",
        "sh",
        "-c",
        "echo in > /srv/sub/x; cat /srv/sub/x",
      ]),
    ).toBe("in\n");
  });

  mode.rule("a file is bound over a file", async () => {
    const room = makeRoom({ issue: "bound\n" });
    expect(
      await mode.output([
        "-m",
        join(room, "issue"),
        "/etc/issue",
        "run",
        "cat",
        "/etc/issue",
      ]),
    ).toBe("bound\n");
    await mode.output([
      "-v",
      join(room, "issue"),
      "/etc/issue",
      "run",
      "sh",
      "-c",
      "echo more >> /etc/issue",
    ]);
    expect(readFileSync(join(room, "issue"), "utf8")).toBe("bound\nmore\n");
  });

  mode.rule(
    "a file cannot be bound over a directory, nor a directory over a file",
    async () => {
      const room = makeRoom({ file: "" });
      for (const [source, target] of [
        [join(room, "file"), "/srv"],
        [room, "/etc/issue"],
      ] as const) {
        const result = await mode.run([
          "-m",
          source,
          target,
          "run",
          "echo",
          "ran",
        ]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toMatch(/director/);
        expect(result.stderr).toContain(`"${target}"`);
      }
    },
  );

  mode.rule("SRC is relative to the caller's directory", async () => {
    const room = makeRoom({ a: { b: { file: "mine" } } });
    const options = { cwd: join(room, "a") };
    for (const source of ["b", "./b", "../a/b", "b/", "b//."]) {
      expect(
        await mode.output(
          ["-m", source, "/srv", "run", "cat", "/srv/file"],
          options,
        ),
      ).toBe("mine");
    }
  });

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

  mode.rule(
    "a source that does not exist, or that the caller cannot reach, is named, and nothing runs",
    async () => {
      const room = makeRoom({
        closed: entry({
          mode: 0o700,
          owner: 0,
          tree: { inner: { file: "x" } },
        }),
        loop: link("loop"),
        file: "",
      });
      const cases = {
        missing: /No such file|does not exist|no such/i,
        "closed/inner": /permission denied|may not|cannot be reached/i,
        loop: /symbolic|symlink|loop/i,
        "file/below": /not a directory/i,
      };
      for (const [name, reason] of Object.entries(cases)) {
        for (const option of ["-m", "-v"]) {
          const source = join(room, name);
          const result = await mode.run([
            option,
            source,
            "/srv",
            "run",
            "echo",
            "ran",
          ]);
          expect(result).toMatchObject({ status: 124, stdout: "" });
          expect(result.stderr).toContain(`"${source}"`);
          expect(result.stderr).toMatch(reason);
        }
      }
    },
  );

  mode.rule(
    "a directory that the caller may enter but not read can be mapped",
    async () => {
      const room = makeRoom({
        dim: entry({ mode: 0o711, owner: 0, tree: { file: "known by name" } }),
      });
      expect(
        await mode.output([
          "-m",
          join(room, "dim"),
          "/srv",
          "run",
          "cat",
          "/srv/file",
        ]),
      ).toBe("known by name");
      expect(
        (await mode.run(["-m", join(room, "dim"), "/srv", "run", "ls", "/srv"]))
          .stderr,
      ).toContain("Permission denied");
    },
  );

  mode.rule("a source is followed through symlinks", async () => {
    const room = makeRoom({
      real: { file: "mine" },
      absolute: link("/nowhere"),
      relative: link("real"),
    });
    symlinkSync(join(room, "real"), join(room, "full"));
    for (const name of ["relative", "full", "relative/file"]) {
      const [source, read] = [
        join(room, name),
        name.endsWith("file") ? "/etc/issue" : "/srv/file",
      ];
      expect(
        await mode.output([
          "-m",
          source,
          name.endsWith("file") ? "/etc/issue" : "/srv",
          "run",
          "cat",
          read,
        ]),
      ).toBe("mine");
    }
  });

  mode.rule(
    "paths with spaces, newlines, colons, commas, backslashes and no UTF-8 work",
    async () => {
      const room = makeRoom();
      const names = [
        " ",
        "a b",
        "new\nline",
        "co:lon,comma",
        "back\\040slash",
        "-dash",
        "*",
        "\u{1f600}",
      ];
      for (const name of names) {
        mkdirSync(join(room, name));
        writeFileSync(join(room, name, "file"), name);
        expect(
          await mode.output([
            "-m",
            join(room, name),
            join("/srv", name),
            "run",
            "cat",
            join("/srv", name, "file"),
          ]),
        ).toBe(name);
      }
      // Two names that are one once their bytes are taken for UTF-8.
      const bytes = (...tail: number[]): Buffer =>
        Buffer.concat([Buffer.from(`${room}/`), Buffer.from(tail)]);
      mkdirSync(bytes(0xff, 0xfe));
      mkdirSync(bytes(0xef, 0xbf, 0xbd));
      writeFileSync(bytes(0xff, 0xfe, 0x2f, 0x78), "raw");
      expect(
        await mode.output([
          "-m",
          bytes(0xff, 0xfe),
          "/srv",
          "run",
          "cat",
          "/srv/x",
        ]),
      ).toBe("raw");
      expect(
        await mode.output([
          "-m",
          bytes(0xff, 0xfe),
          Uint8Array.of(0x2f, 0x73, 0x72, 0x76, 0x2f, 0x80),
          "run",
          "sh",
          "-c",
          "ls /srv | od -An -tx1",
        ]),
      ).toBe(" 80 0a\n");
    },
  );

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

  mode.rule("sockets and pipes can be bound by name", async () => {
    const room = makeRoom({ target: "" });
    await runOutside(["/usr/bin/mkfifo", join(room, "pipe")]);
    expect(
      await mode.output([
        "-v",
        join(room, "pipe"),
        join(room, "target"),
        "run",
        "stat",
        "-c",
        "%F",
        join(room, "target"),
      ]),
    ).toBe("fifo\n");
  });

  mode.rule("a hundred maps work", async () => {
    const room = makeRoom({ file: "x" });
    const maps = Array.from({ length: 100 }, (_, at) => [
      "-m",
      room,
      `/srv/${at}`,
    ]).flat();
    expect(
      await mode.output([
        ...maps,
        "run",
        "sh",
        "-c",
        "cat /srv/*/file | wc -c",
      ]),
    ).toBe("100\n");
  });
});

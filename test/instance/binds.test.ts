/** --map and --vol: what they show, what can be written, what they refuse. */

import { expect } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
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

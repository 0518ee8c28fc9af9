/** The sources of --map and --vol: any path that the caller can reach, and none that he cannot. */

import { expect } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
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
});

/** --hide: what is in a place is out of reach. --data: a file from a descriptor. */

import { expect } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { link, makeRoom } from "../harness/room.ts";

forEachMode((mode) => {
  const secret = () =>
    makeRoom({ key: "secret\n", deep: { key: "secret\n" }, to: link("deep") });

  mode.rule(
    "a hidden file or directory can be neither read nor written, nor opened again",
    async () => {
      const room = secret();
      const script = `
        for f in key deep deep/key to; do
          cat $f; ls $f/; echo x > $f; chmod 777 $f; rm -rf $f; mv $f away; umount $f
        done`;
      const words = ["--hide", join(room, "key"), "--hide", join(room, "to")];
      const result = await mode.run(
        ["-v", room, ".", ...words, "run", "sh", "-c", script],
        { cwd: room },
      );
      expect(result.stdout).not.toContain("secret");
      expect(result.stdout).toBe("");
      expect(readdirSync(room).toSorted()).toEqual(["deep", "key"]);
    },
  );

  mode.rule("later options lie on top of what hides", async () => {
    const room = secret();
    const words = ["--hide", room, "-m", room, "."];
    expect(await mode.output([...words, "run", "cat", `${room}/key`])).toBe(
      "secret\n",
    );
    const hidden = ["-m", room, ".", "--hide", room];
    const result = await mode.run([...hidden, "run", "ls", room]);
    expect(result.stderr).toContain("Permission denied");
  });

  mode.rule(
    "nothing is mounted in what is hidden, where nobody would reach it",
    async () => {
      const room = secret();
      const deep = join(room, "deep");
      for (const user of [1000, 0])
        for (const mount of [
          ["-m", join(room, "key"), join(deep, "new")],
          ["-v", room, join(deep, "new/er")],
          ["-t", "", join(deep, "new")],
        ]) {
          const words = ["-m", room, ".", "--hide", deep, ...mount];
          const result = await mode.run([...words, "run", "echo", "ran"], {
            user,
          });
          expect(result).toMatchObject({ status: 124, stdout: "" });
          expect(result.stderr).toMatch(
            /^selfdock: Cannot mount .*: permission denied \(.*EACCES\)$/m,
          );
          if (mode.name !== "baked")
            expect(result.stderr).toContain(
              "hint: you may not enter a directory on the way",
            );
        }
      const memory = ["-m", room, ".", "-t", "mode=711", deep];
      const shown = ["-m", join(room, "key"), join(deep, "new"), "run"];
      const seen = await mode.output([
        ...memory,
        ...shown,
        "cat",
        join(deep, "new"),
      ]);
      expect(seen).toBe("secret\n");
    },
  );

  mode.rule("a place to hide that is not there is an error", async () => {
    const result = await mode.run(["--hide", "/no/such", "run", "true"]);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toContain('Cannot hide "/no/such": no such file');
  });

  mode.rule("a nested instance does not see what is hidden", async () => {
    const room = secret();
    const script = `exec "$0" run cat ${room}/key`;
    const program = mode.program();
    const words = ["-m", room, ".", "--hide", join(room, "key")];
    const command = ["-m", program, ".", "run", "sh", "-c", script, program];
    const result = await mode.run([...words, ...command]);
    expect(result.stdout).toBe("");
    expect(result.status).not.toBe(0);
  });

  mode.rule(
    "data is a read-only file of the same bytes, in a place that may be new",
    async () => {
      const bytes = Buffer.alloc(300_000, "line\n\0\xff");
      const file = join(makeRoom(), "bytes");
      writeFileSync(file, bytes);
      for (const place of ["/etc/hostname", "/etc/new", "/new/er", "/tmp/x"]) {
        const options = { open: [[7, file]] } as const;
        const words = ["--data", "7", place, "run"];
        const seen = await mode.output([...words, "sha256sum", place], options);
        const hash = new Bun.CryptoHasher("sha256").update(bytes);
        expect(seen).toBe(`${hash.digest("hex")}  ${place}\n`);
        const script = `echo x > ${place}; chmod 777 ${place}; ls -l /proc/self/fd/7`;
        const result = await mode.run([...words, "sh", "-c", script], options);
        expect(result.stderr.match(/Read-only file system/g)).toHaveLength(2);
        expect(result.stderr).toContain("No such file");
      }
    },
  );

  mode.rule(
    "a descriptor to read may be kept, be that of the init, and must be the caller's",
    async () => {
      const room = makeRoom({ a: "a\n", b: "b\n" });
      const open = [
        [3, join(room, "a")],
        [4, join(room, "b")],
      ] as const;
      const words = [
        "--data",
        "3",
        "/a",
        "--data",
        "4",
        "/b",
        "--keep-fd",
        "3",
      ];
      const script = "cat /a /b; cat <&3";
      expect(
        await mode.output(["--init", ...words, "run", "sh", "-c", script], {
          open,
        }),
      ).toBe("a\nb\n");
      const closed = await mode.run(["--data", "5", "/a", "run", "true"]);
      expect(closed).toMatchObject({ status: 124, stdout: "" });
      expect(closed.stderr).toContain(
        "Cannot read descriptor 5: it is not open",
      );
      const directory = await mode.run(["--data", "5", "/a", "run", "true"], {
        open: [[5, room]],
      });
      expect(directory).toMatchObject({ status: 124, stdout: "" });
      expect(directory.stderr).toContain("is a directory");
    },
  );
});

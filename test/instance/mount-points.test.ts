/**
 * Mount points that do not exist: made at any depth in a read-only root, with
 * everything else as it was and nothing written to any disk.
 */

import { expect } from "bun:test";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";

/** Everything that `stat` can tell of a tree on the host but its times of access. */
async function treeState(root: string): Promise<string> {
  const result = await runOutside(
    [
      "/usr/bin/find",
      root,
      "-xdev",
      "-printf",
      "%p %y %m %U %G %s %T@ %C@ %l\n",
    ],
    { user: 0 },
  );
  expect(result.status).toBe(0);
  return result.stdout;
}

const NAME = `selfdock-test-${process.pid}`;

/** Siblings of every kind. */
const SIBLINGS = {
  file: "file",
  script: "#!/bin/sh\necho ran\n",
  directory: { inner: "inner" },
  link: link("file"),
  absolute: link("/etc/passwd"),
  dangling: link("nowhere"),
  closed: entry({ mode: 0o700, owner: 0, tree: { inner: "x" } }),
  secret: entry({ mode: 0o600, owner: 0, text: "x" }),
  "with space": "space",
  "new\nline": "line",
};

const LIST =
  'stat -c "%A %u %N %s" . * | sort; cat file directory/inner "with space"; ./script';

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
    "the siblings are as they were, of every kind, and the directory has its mode and owner",
    async () => {
      const room = makeRoom({ place: { ...SIBLINGS }, source: {} });
      const place = join(room, "place");
      await runOutside(["/usr/bin/mkfifo", join(place, "pipe")]);
      for (const directoryMode of ["755", "700", "2775", "555"]) {
        await runOutside(["/bin/chmod", directoryMode, place]);
        const before = await treeState(room);
        const plain = await mode.run(["-C", place, "run", "sh", "-c", LIST]);
        expect(plain.stdout).toContain("fileinnerspaceran\n");
        const tiled = await mode.run([
          "-C",
          place,
          "-m",
          join(room, "source"),
          join(place, ".made/deeper/still"),
          "run",
          "sh",
          "-c",
          LIST,
        ]);
        expect(tiled.status).toBe(0);
        const size = / \d+$/gm;
        // The size of a directory is its filesystem's own affair.
        const comparable = (text: string): string =>
          text
            .split("\n")
            .map((line) =>
              line.startsWith("d") ? line.replaceAll(size, "") : line,
            )
            .join("\n");
        expect(comparable(tiled.stdout)).toBe(comparable(plain.stdout));
        expect(await treeState(room)).toBe(before);
      }
    },
  );

  mode.rule(
    "a tiled directory stays read-only, and so does all that is in it",
    async () => {
      const room = makeRoom({
        place: { file: "x", directory: {} },
        source: {},
      });
      const place = join(room, "place");
      const args = [
        "-m",
        join(room, "source"),
        join(place, "a/b"),
        "run",
        "sh",
        "-c",
      ];
      for (const write of [
        "echo > new",
        "echo > file",
        "echo > directory/new",
        "mkdir a/c",
        "rm file",
        "rmdir a/b",
        "chmod 700 .",
        "echo > a/b/new",
      ]) {
        const result = await mode.run(["-C", place, ...args, write]);
        expect(`${write}: ${result.stderr}`).toMatch(
          /Read-only file system|busy/i,
        );
      }
    },
  );

  mode.rule(
    "other filesystems below a tiled directory stay covered",
    async () => {
      const room = makeRoom({
        place: { other: { under: "under" }, file: "under too" },
        source: {},
      });
      const before = hostWith(
        'mount -t tmpfs none "$1/other"; echo x > "$1/other/hidden"; mount --bind /etc/hostname "$1/file"',
        [join(room, "place")],
      );
      const script = `cd ${room}/place; ls -A . other; cat file`;
      const args = [
        "-m",
        join(room, "source"),
        join(room, "place/new"),
        "run",
        "sh",
        "-c",
        script,
      ];
      expect(await mode.output(args, { before })).toBe(
        ".:\nfile\nnew\nother\n\nother:\n",
      );
    },
  );

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

  mode.rule("a directory of 3,000 entries is tiled, whole", async () => {
    const room = makeRoom({ place: {}, source: {} });
    const place = join(room, "place");
    for (let at = 0; at < 3000; at++) {
      const path = join(place, `entry-${at}`);
      if (at % 3 === 0) mkdirSync(path);
      else writeFileSync(path, String(at));
    }
    const timed = async (args: readonly string[]): Promise<number> => {
      const begin = performance.now();
      expect(
        await mode.output([
          ...args,
          "run",
          "sh",
          "-c",
          `ls ${place} | wc -l; cat ${place}/entry-2999`,
        ]),
      ).toBe(`${args.length === 0 ? 3000 : 3001}\n2999`);
      return performance.now() - begin;
    };
    const plain = await timed([]);
    const tiled = await timed(["-m", join(room, "source"), join(place, "new")]);
    console.log(
      `${mode.name}: a mount point in a directory of 3,000 entries took ${(tiled - plain).toFixed(1)} ms more`,
    );
    expect(tiled - plain).toBeLessThan(1000);
  });

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
});

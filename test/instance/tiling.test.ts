/**
 * A directory in which a mount point was made looks like the original and is
 * as read-only, with everything else that is in it.
 */

import { expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { treeState } from "../harness/tree-state.ts";

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
});

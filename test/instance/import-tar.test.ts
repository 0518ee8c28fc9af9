/** Root filesystems as tar writes them, in each of its formats. */

import { describe, expect } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { forEachMode, rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { treeContent } from "../harness/tree-content.ts";

const COMPARISON = { owner: null, modes: 0o1777 };

const SCRIPT = `
umask 022
mkdir -p tree/a/b tree/empty tree/sealed; cd tree
echo one > a/one; ln a/one a/b/also; ln -s /etc/passwd a/link; mkfifo a/fifo
long=$(printf '%0150d' 7)
mkdir -p $long/$long; echo deep > $long/$long/$long; ln $long/$long/$long hard; ln -s $long/$long/$long soft
truncate -s 3M a/holes; echo middle | dd of=a/holes bs=1 seek=1500000 conv=notrunc 2>/dev/null
truncate -s 1M a/empty-holes; for i in $(seq 1 40); do echo $i | dd of=a/many bs=1 seek=$((i*65536)) conv=notrunc 2>/dev/null; done
echo x > sealed/x; touch -d '1960-05-06 07:08:09' a/old; touch -d '2100-01-01' a/new; head -c 5000000 /dev/urandom > a/big
chmod 0555 sealed; chmod 0 empty; chmod 1777 a; touch -d '2011-11-11 11:11:11' a/b a .
`;
/** What follows the name is what tar is told. */
const FORMATS = {
  "GNU, sparse": "--format=gnu -S",
  "old GNU": "--format=oldgnu",
  PAX: "--format=posix",
  "PAX, sparse 0.0": "--format=posix -S --sparse-version=0.0",
  "PAX, sparse 0.1": "--format=posix -S --sparse-version=0.1",
  "PAX, sparse 1.0": "--format=posix -S --sparse-version=1.0",
  "GNU, gzip": "--format=gnu -z",
  "PAX, zstd": "--format=posix --zstd",
} as const;

let room: string | undefined;

/** Where the tree and the archives are. */
async function archives(): Promise<string> {
  if (room !== undefined) return room;
  room = makeRoom();
  const rows = Object.values(FORMATS).map(
    (words, at) => `tar -C tree ${words} -cf ${at}.tar .`,
  );
  const made = await runOutside(
    ["/bin/sh", "-ec", `${SCRIPT}\ncd ..\n${rows.join("\n")}`],
    { user: 0, cwd: room },
  );
  expect(made).toMatchObject({ status: 0, stderr: "" });
  return room;
}

/** How many blocks a file takes. */
function blocks(path: string): number {
  return statSync(path).blocks;
}

describe("a tree becomes the same tree", () => {
  for (const [at, format] of Object.keys(FORMATS).entries())
    for (const way of ["a file", "a pipe"] as const)
      rule(`${format}, from ${way}`, ["root"], async () => {
        const source = await archives();
        const target = makeRoom();
        const archive = join(source, `${at}.tar`);
        const script =
          way === "a file"
            ? '"$1" import new < "$0"'
            : 'cat "$0" | "$1" import new';
        const made = await runOutside(
          ["/bin/sh", "-c", script, archive, rootless.program()],
          { cwd: target },
        );
        expect(made).toMatchObject({ status: 0, stderr: "", stdout: "" });
        expect(readdirSync(target)).toEqual(["new"]);
        const [was, is] = [join(source, "tree"), join(target, "new")];
        expect(treeContent(is, COMPARISON)).toEqual(
          treeContent(was, COMPARISON),
        );
        expect(statSync(is).mtimeMs).toBe(Date.parse("2011-11-11T11:11:11Z"));
        if (format.includes("sparse"))
          expect(blocks(join(is, "a/holes"))).toBeLessThan(100);
      });
});

forEachMode((mode) => {
  mode.rule("every file is the caller's", async () => {
    const source = await archives();
    const target = makeRoom();
    const made = await mode.run(["import", "new"], {
      cwd: target,
      open: [[0, join(source, "0.tar")]],
    });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const { uid, gid } = statSync(join(target, "new/a/one"));
    expect({ uid, gid }).toEqual({ uid: 1000, gid: 1000 });
  });
});

rule(
  "who asks for an image or a platform gets no root filesystem instead",
  ["root"],
  async () => {
    const source = await archives();
    const target = makeRoom();
    for (const asked of [
      ["--image", "alpine"],
      ["--platform", "linux/amd64"],
    ]) {
      const refused = await rootless.run(["import", ...asked, "new"], {
        cwd: target,
        open: [[0, join(source, "0.tar")]],
      });
      expect(refused).toMatchObject({ status: 124, stdout: "" });
      expect(refused.stderr).toContain(
        "Cannot import: it is a root filesystem, and no image of those asked for",
      );
      expect(readdirSync(target)).toEqual([]);
    }
  },
);

rule(
  "nanoseconds and attributes of the user's are kept where PAX has them",
  ["root", "program:setfattr"],
  async () => {
    const target = makeRoom();
    const script = `
    echo x > file; touch -d '2020-01-01 00:00:00.123456789' file; setfattr -n user.mine -v yours file
    tar --format=posix --xattrs --xattrs-include='*' -cf - file | "$0" import new
    stat -c %y new/file; getfattr --only-values -n user.mine new/file`;
    const made = await runOutside(
      ["/bin/sh", "-ec", script, rootless.program()],
      { cwd: target },
    );
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout).toMatch(/^2020-01-01 00:00:00.123456789 \S+\nyours$/);
  },
);

rule(
  "gzip in several members, and zstd in several frames, are one archive",
  ["root", "program:zstd"],
  async () => {
    const source = await archives();
    const target = makeRoom();
    const script = `
    for pack in "gzip -c" "zstd -qc"; do
      { head -c 1000000 "$0" | $pack; tail -c +1000001 "$0" | $pack; } | "$1" import new
      test -s new/a/big; chmod -R u+rwx new; rm -r new
    done`;
    const made = await runOutside(
      ["/bin/sh", "-ec", script, join(source, "2.tar"), rootless.program()],
      { cwd: target },
    );
    expect(made).toMatchObject({ status: 0, stderr: "" });
  },
);

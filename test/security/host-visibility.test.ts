/** What the host hides or keeps for others stays so; the host sees nothing of an instance. */

import { expect } from "bun:test";
import { join } from "node:path";
import { changedHost, hostWith } from "../harness/host.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { expectNeverWon } from "./attempts.ts";
import { attack, control } from "./ring.ts";

const SECRET = "hidden-by-a-mount";

/** A host where a file in each of these directories is hidden by a mount of root's. */
function hidingHost(places: readonly string[]): readonly string[] {
  return hostWith(
    places
      .map((_, index) => `mount -t tmpfs -o mode=755 none "$${index + 1}"`)
      .join("\n"),
    places,
  );
}

attack(
  "A41",
  "a file under a mount is not shown, at any depth, by name or through a map",
  async (way) => {
    const room = makeRoom({
      a: { secret: SECRET, b: { c: { secret: SECRET } } },
      d: { e: { f: { secret: SECRET } } },
      "with space\n\\040": { secret: SECRET },
      file: SECRET,
      link: entry({ link: "a" }),
    });
    const places = ["a", "d/e/f", "with space\n\\040"].map((name) =>
      join(room, name),
    );
    const before = hidingHost(places);
    const find = `find ${room} -type f -exec cat {} + ; cat ${room}/link/secret 2>&1; true`;
    for (const args of [
      ["run", "sh", "-c", find],
      ["build", "sh", "-c", find],
      ["-m", room, room, "run", "sh", "-c", find],
      ["-v", room, room, "run", "sh", "-c", find],
      [
        "-m",
        room,
        "/srv/made/here",
        "run",
        "sh",
        "-c",
        "cat /srv/made/here/*/secret; true",
      ],
      [
        "-r",
        room,
        "-m",
        "/usr",
        "/usr",
        "-m",
        "/lib",
        "/lib",
        "-m",
        "/lib64",
        "/lib64",
        "run",
        "/usr/bin/sh",
        "-c",
        "cat /*/secret /*/*/*/secret; true",
      ],
    ]) {
      const result = await way.run(args, { before });
      expect(result.stderr).not.toContain("selfdock");
      expect(result.stdout.split(SECRET).length - 1).toBe(
        args.at(-1) === find ? 1 : 0,
      );
    }
  },
);

attack(
  "A41",
  "a file hidden by a file mounted over it is not shown",
  async (way) => {
    const room = makeRoom({ shown: "shown", over: SECRET });
    const before = hostWith('mount --bind "$1/shown" "$1/over"', [room]);
    for (const command of ["run", "build"]) {
      const result = await way.run([command, "cat", join(room, "over")], {
        before,
      });
      expect(result.stdout).not.toContain(SECRET);
    }
  },
);

attack(
  "A41",
  "what a mount on /proc, /dev, /tmp or a directory of the root hides is not shown",
  async (way) => {
    const before = changedHost(`
umount -l /proc; echo ${SECRET} > /proc/secret; mount -t proc proc /proc
umount -l /dev; echo ${SECRET} > /dev/secret; mount -t devtmpfs dev /dev
for place in /tmp /home /srv /opt /mnt; do
  mkdir -p $place; echo ${SECRET} > $place/secret; mount -t tmpfs -o mode=755 none $place
done`);
    for (const command of ["run", "build"]) {
      const script =
        "cat /*/secret 2>/dev/null; ls -d /proc /dev /tmp /home /srv /opt /mnt";
      const { stdout } = await way.run([command, "sh", "-c", script], {
        before,
      });
      expect(stdout).not.toContain(SECRET);
      expect(stdout.trim().split("\n")).toHaveLength(7);
    }
  },
);

control(
  "A41",
  "a plain clone of the root shows what a mount hides",
  async () => {
    const room = makeRoom({ hidden: { secret: SECRET }, at: {} });
    const before = hostWith(
      'mount -t tmpfs none "$1/hidden"; mount --bind / "$1/at"',
      [room],
    );
    const at = join(room, "at", room, "hidden/secret");
    expect(
      (await runOutside(["/bin/cat", join(room, "hidden/secret")], { before }))
        .status,
    ).toBe(1);
    expect((await runOutside(["/bin/cat", at], { before })).stdout).toBe(
      SECRET,
    );
  },
);

attack(
  "A41",
  "renaming directories on the way to a mount uncovers nothing",
  async (way) => {
    const room = makeRoom({
      one: { at: { secret: SECRET } },
      two: { at: { other: "nothing" } },
    });
    await expectNeverWon({
      name: "A41 rename the way to a host's mount",
      against: way.name,
      needle: SECRET,
      exchange: [join(room, "one"), join(room, "two")],
      command: [
        way.program(),
        "run",
        "/bin/sh",
        "-c",
        `cat ${room}/*/at/secret`,
      ],
      options: { before: hidingHost([join(room, "one/at")]) },
    });
  },
);

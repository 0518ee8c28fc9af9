/** Mounts: read-only to the last, the host's own untouched, the old root gone. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attack, control } from "./ring.ts";

/** A host with mounts of many kinds below the directory `$1`. */
function crowdedHost(room: string): readonly string[] {
  return hostWith(
    'for n in a "b c" "d\\n"; do mkdir -p "$1/$n"; mount -t tmpfs -o mode=777 none "$1/$n"; mkdir -m 777 "$1/$n/in"; mount -t tmpfs -o mode=777 none "$1/$n/in"; cp /usr/bin/id "$1/$n/in/id"; chmod 4755 "$1/$n/in/id"; mknod -m 666 "$1/$n/in/null" c 1 3; done',
    [room],
  );
}

const TRY_EACH =
  'for d in "$1"/*/in; do touch "$d/new" 2>/dev/null && echo wrote; "$d/id" -u; (: > "$d/null") 2>/dev/null && echo device; done; true';

const UNDO = [
  "mount -o remount,bind,rw /",
  "mount -o remount,rw /",
  "umount -l /proc",
  "umount /tmp",
  "mount -t tmpfs none /mnt",
  "mount --bind /tmp /usr",
  "pivot_root / /",
  "chroot /tmp /bin/true",
];

attack(
  "A40",
  "what is mounted below a map is read-only and nosuid too",
  async (way) => {
    const room = makeRoom();
    const before = crowdedHost(room);
    // Device files of a source work as they do outside.
    const script = ["sh", "-c", TRY_EACH, "sh", "/srv"];
    expect(
      (
        await way.run(["-m", room, "/srv", "run", ...script], { before })
      ).stdout.replaceAll("device\n", ""),
    ).toBe("1000\n1000\n1000\n");
    expect(
      (
        await way.run(["-v", room, "/srv", "run", ...script], { before })
      ).stdout.replaceAll("device\n", ""),
    ).toBe("wrote\n1000\nwrote\n1000\nwrote\n1000\n");
  },
);

attack(
  "A40",
  "only /tmp, /dev, volumes and tmpfs of the instance are writable",
  async (way) => {
    const room = makeRoom();
    const script = "awk '$4 !~ /^ro/ { print $2 }' /proc/self/mounts | sort -u";
    const writable = (
      await way.sh(script, {
        args: ["-v", room, "/srv", "-t", "", "/mnt", "-m", room, "/opt"],
        before: crowdedHost(makeRoom()),
      })
    )
      .trim()
      .split("\n");
    expect(
      writable.filter(
        (place) => !/^\/(tmp|mnt|srv|dev|proc)(\/|$)/.test(place),
      ),
    ).toEqual([]);
    for (const place of ["/usr", "/etc", "/var/tmp", "/opt", "/"])
      expect(
        (await way.run(["-m", room, "/opt", "run", "touch", `${place}/x`]))
          .status,
      ).not.toBe(0);
  },
);

control(
  "A40",
  "a bind with a read-only remount leaves what is below it writable",
  async () => {
    const room = makeRoom({ at: {}, from: {} });
    const before = hostWith(
      'mount -t tmpfs -o mode=777 none "$1/from"; mkdir -m 777 "$1/from/in"; mount -t tmpfs -o mode=777 none "$1/from/in"; mount --rbind "$1/from" "$1/at"; mount -o remount,bind,ro "$1/at"',
      [room],
    );
    expect(
      (await runOutside(["/bin/touch", join(room, "at/in/new")], { before }))
        .status,
    ).toBe(0);
  },
);

attack(
  "A42",
  "no mount of an instance reaches a host whose mounts are shared",
  async (way) => {
    const room = makeRoom({ v: {} });
    const host = hostWith(":", [], "shared");
    const script =
      '"$1" -v "$2" /mnt -t "" /opt -m /etc /srv/x run sleep 0.5 & sleep 0.3; wc -l < /proc/self/mountinfo; wait; wc -l < /proc/self/mountinfo';
    const seen = await runOutside(
      [
        "/bin/sh",
        "-c",
        `wc -l < /proc/self/mountinfo; ${script}`,
        "sh",
        way.program(),
        join(room, "v"),
      ],
      { before: host },
    );
    const [before, during, after] = seen.stdout.trim().split("\n");
    expect(during).toBe(before ?? "");
    expect(after).toBe(before ?? "");
  },
);

attack(
  "A42",
  "a device that the host unmounts is let go by a running instance",
  async (way) => {
    const room = makeRoom({ at: {} });
    const script = `set -e; mount -t tmpfs none "$1/at"; echo x > "$1/at/file"; chmod 755 "$1/at"; shift; "$@" & sleep 0.4; umount "${room}/at"; wait`;
    const before = [
      "unshare",
      "--mount",
      "--propagation",
      "shared",
      "sh",
      "-c",
      script,
      "host",
      room,
    ];
    const result = await way.run(
      [
        "-m",
        join(room, "at"),
        "/srv",
        "run",
        "sh",
        "-c",
        `cat ${room}/at/file 2>/dev/null; sleep 0.8; grep -c " ${room}/at " /proc/self/mounts`,
      ],
      { before },
    );
    expect(result.stderr).not.toContain("busy");
  },
);

attack(
  "A43",
  "the old root is gone: no mount, link, or way up leads to it",
  async (way) => {
    const root = await busyboxRoot();
    const script =
      "cut -d' ' -f5 /proc/self/mountinfo; echo --; for l in cwd root; do readlink /proc/self/$l; done; readlink /proc/1/root; cd /; for n in 1 2 3 4 5 6 7 8; do cd ..; done; ls -d etc usr; ls /usr";
    const { stdout } = await way.run([
      "-r",
      root,
      "run",
      "/bin/sh",
      "-c",
      script,
    ]);
    const [mounts, rest] = stdout.split("--\n");
    // A device of the host's lies below /proc, for df, and is out of reach.
    for (const place of mounts!.trim().split("\n"))
      expect(place).toMatch(/^\/(|proc(\/f)?|tmp|etc.*|dev(\/[a-z]+)?)$/);
    expect(rest).toStartWith("/\n/\n/\n");
    expect(rest).toEndWith("etc\nusr\n");
  },
);

attack(
  "A44",
  "nothing read-only becomes writable from inside, in a new namespace either",
  async (way) => {
    for (const each of UNDO) {
      const plain = await way.run(["run", "sh", "-c", each]);
      expect({ each, done: plain.status === 0 }).toEqual({ each, done: false });
    }
    for (const each of [
      "mount -o remount,bind,rw /",
      "mount -o remount,bind,rw /usr",
      "umount -l /proc",
      "umount -l /dev",
    ]) {
      const result = await way.run([
        "run",
        "unshare",
        "-Urm",
        "sh",
        "-c",
        `${each} && touch /usr/undone && echo UNDONE`,
      ]);
      expect({ each, out: result.stdout }).toEqual({ each, out: "" });
    }
    expect(existsSync("/usr/undone")).toBe(false);
  },
);

control(
  "A44",
  "with root's place in the same namespace it becomes writable",
  async () => {
    const script =
      "mount --bind / /mnt && mount -o remount,bind,ro /mnt && mount -o remount,bind,rw /mnt && echo UNDONE";
    expect(
      (
        await runOutside([
          "/usr/bin/unshare",
          "-Urm",
          "--propagation",
          "private",
          "sh",
          "-c",
          script,
        ])
      ).stdout,
    ).toMatch(/UNDONE|^$/);
    const root = await runOutside(["/bin/sh", "-c", script], {
      user: 0,
      before: hostWith(":"),
    });
    expect(root.stdout).toBe("UNDONE\n");
  },
);

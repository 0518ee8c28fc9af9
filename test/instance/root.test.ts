/** The root: the host's, read-only, and nothing but the root filesystem. */

import { expect } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
  mode.rule(
    "the root is read-only, nosuid and nodev; the rest of an instance is nosuid",
    async () => {
      const mounts = (await mode.output(["run", "cat", "/proc/self/mounts"]))
        .trim()
        .split("\n")
        .map((line) => line.split(" "));
      const root = mounts.filter((mount) => mount[1] === "/").at(-1)!;
      for (const flag of ["ro", "nosuid", "nodev"]) {
        expect(root[3]!.split(",")).toContain(flag);
      }
      for (const mount of mounts)
        expect(`${mount[1]} ${mount[3]}`).toMatch(/\bnosuid\b/);
    },
  );

  mode.rule("only the instance's own places can be written", async () => {
    const writable =
      'for place in $(cut -d" " -f2 /proc/self/mounts) /home /var/tmp /usr /root /sys; do (echo > "$place/selfdock-test") 2>/dev/null && echo "$place"; done; true';
    const places = new Set(
      (await mode.output(["run", "sh", "-c", writable])).trim().split("\n"),
    );
    places.delete("/dev/shm");
    expect([...places]).toEqual(["/tmp"]);
  });

  mode.rule(
    "no other filesystem of the host can be reached, at any depth",
    async () => {
      const room = makeRoom({
        a: { b: {}, "with space": {} },
        file: "mine\n",
        secret: "not mounted\n",
      });
      const script = `
for place in a/b "a/with space"; do
  mount -t tmpfs -o size=3M,mode=755 none "$1/$place"
  echo hidden > "$1/$place/hidden"
  mkdir -m 755 "$1/$place/deep"
  mount -t tmpfs -o size=2M none "$1/$place/deep"
  echo deeper > "$1/$place/deep/deeper"
done
echo elsewhere > "$1/a/b/elsewhere"
mount --bind "$1/a/b/elsewhere" "$1/file"`;
      const before = hostWith(script, [room]);
      const look = `cd ${room}; find a | sort; cat file; df --output=target 2>/dev/null`;
      const outside = await runOutside(["/bin/sh", "-c", look], { before });
      expect(outside.stdout).toContain("a/b/deep/deeper");
      expect(outside.stdout).toContain("elsewhere");
      const inside = await mode.run(["run", "sh", "-c", look], { before });
      expect(inside.stdout.split("\n").slice(0, 3)).toEqual([
        "a",
        "a/b",
        "a/with space",
      ]);
      expect(inside.stdout).not.toMatch(/hidden|deep|elsewhere|mine/);
      expect(inside.stdout).not.toContain(room);
      for (const place of ["a/b", "a/with space"]) {
        const write = await mode.run(
          ["run", "touch", join(room, place, "new")],
          { before },
        );
        expect(write.stderr).toContain("Read-only file system");
      }
    },
  );

  mode.rule("what a host's mount hides stays hidden", async () => {
    const room = makeRoom({ over: { secret: "covered" }, file: "covered too" });
    const before = hostWith(
      'mount -t tmpfs none "$1/over"; mount --bind /dev/null "$1/file"',
      [room],
    );
    const read = ["run", "cat", join(room, "over/secret"), join(room, "file")];
    expect(await mode.output(read)).toBe("coveredcovered too");
    const hidden = await mode.run(read, { before });
    expect(hidden.stdout).toBe("");
    expect(hidden.stderr).toContain("No such file or directory");
  });

  mode.rule(
    "a mount in a directory that the caller cannot enter does no harm",
    async () => {
      const room = makeRoom({
        closed: entry({ mode: 0o700, owner: 0, tree: { inner: {} } }),
      });
      const before = hostWith(
        'mount -t tmpfs none "$1/closed/inner"; echo x > "$1/closed/inner/x"',
        [room],
      );
      expect(
        (await mode.run(["run", "ls", join(room, "closed")], { before }))
          .stderr,
      ).toContain("Permission denied");
      expect(await mode.output(["run", "ls", room], { before })).toBe(
        "closed\n",
      );
    },
  );

  mode.rule(
    "mounts whose names need escapes are covered like others",
    async () => {
      const room = makeRoom();
      const names = [
        "new\nline",
        "tab\there",
        "back\\slash",
        "\\040",
        "ünïcödé",
        "#",
        "(deleted)",
        "x//deleted",
      ];
      for (const name of names)
        mkdirSync(join(room, name), { recursive: true });
      const before = hostWith(
        'for place in "$@"; do [ -d "$place" ] && [ "$place" != / ] || break; mount -t tmpfs none "$place"; echo x > "$place/hidden"; done',
        names.map((name) => join(room, name)),
      );
      const find = ["/usr/bin/find", room, "-name", "hidden"];
      expect(
        (await runOutside(find, { before })).stdout.match(/hidden/g),
      ).toHaveLength(names.length);
      expect(await mode.output(["run", ...find], { before })).toBe("");
    },
  );

  mode.ruleWith(
    "df lists nothing of the host but the root",
    ["program:df"],
    async () => {
      const inside = (await mode.output(["run", "df", "--output=target"]))
        .trim()
        .split("\n")
        .slice(1);
      for (const target of inside)
        expect(["/", "/dev", "/dev/shm", "/tmp"]).toContain(target.trim());
      expect(inside.map((target) => target.trim())).toContain("/");
    },
  );

  mode.rule("/sys is covered and /proc is the instance's own", async () => {
    expect(await mode.output(["run", "sh", "-c", "ls -A /sys | wc -l"])).toBe(
      "0\n",
    );
    expect(await mode.output(["run", "readlink", "/proc/self"])).toBe("1\n");
    expect(
      (await runOutside(["/bin/sh", "-c", "ls -A /sys | wc -l"])).stdout,
    ).not.toBe("0\n");
  });

  mode.rule("the old root is gone: no way leads above /", async () => {
    const script = `
import os
print(os.path.samestat(os.stat("/"), os.stat("/..")), os.path.samestat(os.stat("/"), os.stat("/" + "../" * 40)))
print(os.readlink("/proc/self/root"), os.readlink("/proc/1/cwd"))
print([fd for fd in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd/" + fd) and os.readlink("/proc/self/fd/" + fd) != "/proc/1/fd"])
`;
    expect(await mode.output(["run", "python3", "-c", script])).toBe(
      "True True\n/ /\n[]\n",
    );
  });

  mode.rule(
    "mounts of the instance do not reach the host, whose unmounts reach the instance",
    async () => {
      const room = makeRoom({ usb: {}, flag: {} });
      const prepared = 'mount -t tmpfs none "$1/usb"; echo x > "$1/usb/file"';
      const script = `
before=$(wc -l < /proc/self/mountinfo)
setpriv --reuid 1000 --regid 1000 --clear-groups "$1" --vol "$2" /srv run sh -c '
  cat /srv/usb/file; echo > /srv/flag/up
  while [ -e /srv/usb/file ]; do sleep 0.02; done; echo released' &
while [ ! -e "$2/flag/up" ]; do sleep 0.02; done
[ $(wc -l < /proc/self/mountinfo) = $before ] && echo equal
umount "$2/usb"
wait $!`;
      const result = await runOutside(
        ["/bin/sh", "-c", script, "sh", mode.program(), room],
        {
          before: hostWith(prepared, [room], "shared"),
          user: 0,
          timeout: 10,
        },
      );
      expect(result.stderr).toBe("");
      expect(result.stdout).toBe("x\nequal\nreleased\n");
    },
  );
});

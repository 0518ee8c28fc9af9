/** --rootfs: another tree as the root, wherever it lies. */

import { expect } from "bun:test";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot, debianRoot } from "../harness/roots.ts";

forEachMode((mode) => {
  mode.rule(
    "a shell starts in a busybox root, read-only, with its own /proc, /dev and /tmp",
    async () => {
      const root = await busyboxRoot({ etc: { motd: "in the root\n" } });
      const script =
        "cat /etc/motd; echo $$; id -u; echo > /dev/null; echo > /tmp/x; ls /; echo > /x";
      const result = await mode.run([
        "--rootfs",
        root,
        "run",
        "sh",
        "-c",
        script,
      ]);
      expect(result.stdout).toBe(
        "in the root\n1\n1000\nbin\ndev\netc\nproc\ntmp\nusr\nvar\n",
      );
      expect(result.stderr).toContain("Read-only file system");
    },
  );

  mode.ruleWith(
    "a shell starts in a debootstrapped Debian",
    ["program:debootstrap"],
    async () => {
      const root = await debianRoot();
      const script =
        '. /etc/os-release; echo "$ID $VERSION_ID"; dpkg-query -W -f "\\${Package}\\n" bash; id -un; ls -A /tmp; perl -e "print 6*7"';
      const result = await mode.run([
        "--rootfs",
        root,
        "run",
        "bash",
        "-c",
        script,
      ]);
      expect(result.stdout).toMatch(/^debian 12\nbash\n/);
      expect(result.stdout).toEndWith("42");
      expect(result.status).toBe(0);
    },
  );

  mode.rule(
    "a shell starts in a directory where another filesystem is mounted",
    async () => {
      const [root, room] = [
        await busyboxRoot(),
        makeRoom({ place: { under: "" } }),
      ];
      const before = hostWith(
        'mount -t tmpfs -o mode=755 none "$2"; cp -a "$1/." "$2"',
        [root, join(room, "place")],
      );
      expect(
        await mode.output(
          ["-r", join(room, "place"), "run", "sh", "-c", "echo $$; ls /"],
          { before },
        ),
      ).toBe("1\nbin\ndev\netc\nproc\ntmp\nusr\nvar\n");
    },
  );

  mode.rule(
    "a shell starts in a directory of a mounted filesystem, and in a read-only, noatime one",
    async () => {
      const [root, room] = [await busyboxRoot(), makeRoom({ place: {} })];
      const before = hostWith(
        'mount -t tmpfs -o mode=755,noatime none "$2"; mkdir "$2/deep"; cp -a "$1/." "$2/deep"; mount -o remount,ro "$2"',
        [root, join(room, "place")],
      );
      expect(
        await mode.output(
          ["-r", join(room, "place/deep"), "run", "sh", "-c", "echo $$"],
          { before },
        ),
      ).toBe("1\n");
    },
  );

  mode.rule(
    "filesystems that are mounted below the root are covered",
    async () => {
      const root = await busyboxRoot({ mnt: { under: "" } });
      const before = hostWith(
        'mount -t tmpfs none "$1/mnt"; echo x > "$1/mnt/hidden"; mount -t tmpfs none "$1/tmp"; echo x > "$1/tmp/hidden"',
        [root],
      );
      expect(
        await mode.output(["-r", root, "run", "ls", "-A", "/mnt", "/tmp"], {
          before,
        }),
      ).toBe("/mnt:\n\n/tmp:\n");
    },
  );

  mode.rule(
    "the command is looked for inside, and nothing of the host is there",
    async () => {
      const root = await busyboxRoot();
      expect((await mode.run(["-r", root, "run", "python3"])).status).toBe(127);
      expect(
        await mode.output(["-r", root, "run", "readlink", "/proc/self/exe"]),
      ).toBe("/bin/busybox\n");
      expect(
        await mode.output(["-r", root, "run", "sh", "-c", "ls -A /usr /var"]),
      ).toBe("/usr:\n\n/var:\n");
    },
  );

  mode.rule(
    "a root relative to the caller's directory, and . itself",
    async () => {
      const root = await busyboxRoot();
      expect(await mode.output(["-r", ".", "run", "pwd"], { cwd: root })).toBe(
        "/\n",
      );
      expect(
        await mode.output(["-r", "../", "run", "pwd"], {
          cwd: join(root, "etc"),
        }),
      ).toBe("/\n");
    },
  );

  mode.rule(
    "a root that is missing, a file, or out of the caller's reach is named, and nothing runs",
    async () => {
      const room = makeRoom({
        file: "",
        closed: entry({ mode: 0o700, owner: 0, tree: { root: {} } }),
      });
      for (const name of ["missing", "file", "closed/root"]) {
        const result = await mode.run([
          "-r",
          join(room, name),
          "run",
          "echo",
          "ran",
        ]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain(`"${join(room, name)}"`);
      }
    },
  );

  mode.rule(
    "where a root may not be searched or read, the missing right is named",
    async () => {
      const makeClosed = (bits: number) =>
        makeRoom({
          root: entry({ mode: bits, owner: 0, tree: { proc: {}, dev: {} } }),
        });
      const run = (room: string) => {
        const root = join(room, "root");
        return mode.run(["-r", root, "run", "echo", "ran"]);
      };
      for (const bits of [0o700, 0o744]) {
        const room = makeClosed(bits);
        const result = await run(room);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain(
          `Cannot use "${join(room, "root")}" as the root: permission denied`,
        );
        expect(result.stderr).toContain("hint: you may not look up what is in");
      }
      // There is no /tmp: to show one beside what is there, that must be listed.
      const unreadable = await run(makeClosed(0o711));
      expect(unreadable).toMatchObject({ status: 124, stdout: "" });
      expect(unreadable.stderr).toContain(
        "Cannot mount /tmp: reading the directory that it must be made in: permission denied",
      );
      expect((await run(makeClosed(0o755))).status).toBe(127);
    },
  );
});

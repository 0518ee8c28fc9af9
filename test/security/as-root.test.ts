/** --as-root: what root inside may not do to the host, or to the instance's mounts. */

import { expect } from "bun:test";
import {
  chmodSync,
  existsSync,
  lchownSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { entry, makeRoom, USER } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { subordinateHost } from "../harness/subordinate.ts";
import { allRefused, inside, tries } from "./as-root.ts";
import { attack, control, expectRefusal } from "./ring.ts";

const READ_ONLY = [
  "mount -o remount,rw /",
  "mount -o remount,bind,rw /",
  "mount --bind /tmp /usr",
  "mount -t tmpfs none /mnt",
  "mount --move /tmp /mnt",
  "umount /",
  "umount -l /",
  "umount /proc",
  "umount /tmp",
  "pivot_root /tmp /tmp",
  "touch /written",
  "touch /etc/written",
];

attack(
  "A72",
  "no mount of run is changed, nor from a namespace of its own",
  async (way) => {
    const nested = ["-Urm", "-Urmpf", "-m", "-U"].flatMap((flags) =>
      READ_ONLY.slice(0, 2)
        .concat(READ_ONLY.slice(5, 9), READ_ONLY.slice(10))
        .map((line) => `unshare ${flags} sh -c '${line}'`),
    );
    const kept = nested.filter((line) => !line.includes("umount -l"));
    await allRefused(way, [...READ_ONLY, ...kept]);
    await allRefused(way, READ_ONLY, { ids: false });
    const own = await inside(way, "echo x > /tmp/x && cat /tmp/x");
    expect(own.stdout).toBe("x\n");
  },
);

attack(
  "A72",
  "the capabilities count inside alone, and CAP_SYS_ADMIN is not among those of run",
  async (way) => {
    const sets = "grep -E '^Cap(Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f2";
    const of = async (command: "run" | "build") =>
      (await inside(way, sets, { command })).stdout
        .trim()
        .split("\n")
        .map((set) => BigInt(`0x${set}`));
    const administration = 1n << 21n;
    for (const set of await of("run")) expect(set & administration).toBe(0n);
    const build = await of("build");
    expect(build.slice(0, 3).map((set) => set & administration)).toEqual(
      Array.from({ length: 3 }, () => administration),
    );
    expect(build[3]).toBe(0n);
  },
);

for (const command of ["run", "build"] as const) {
  attack(
    "A72",
    `the host is out of reach of root in ${command}`,
    async (way) => {
      const theirs = makeRoom({
        secret: entry({ text: "secret", owner: 0, mode: 0o600 }),
        d: entry({ tree: {}, owner: 0, mode: 0o755 }),
      });
      await allRefused(
        way,
        [
          "mknod /tmp/disk b 8 0",
          "mknod /tmp/null c 1 3",
          "cat /etc/shadow | grep root",
          "echo x > /proc/sys/kernel/core_pattern",
          "echo 1 > /proc/sys/kernel/sysrq",
          "echo b > /proc/sysrq-trigger",
          "hostname changed",
          "date -s 2000-01-01",
          "chroot /proc/1/root cat /etc/shadow",
          "nice -n -10 sh -c '[ $(nice) -lt 0 ]'",
          "kill -0 2147483",
          "mount -t ext4 /dev/sda1 /tmp",
          "mount -t sysfs none /tmp",
          "swapoff -a && swapon -a && modprobe dummy",
          `cat ${theirs}/secret`,
          `chown 0:0 ${theirs}/secret`,
          `chmod 666 ${theirs}/secret`,
          `touch ${theirs}/d/x`,
          "cat /proc/1/environ | grep .",
        ],
        { command, args: ["-v", theirs, "."] },
      );
      expect(readFileSync(join(theirs, "secret"), "utf8")).toBe("secret");
      expect(existsSync(join(theirs, "d/x"))).toBe(false);
    },
  );
}

attack(
  "A72",
  "a root that is a link, another user's, or half so is used by the user's own rights",
  async (way) => {
    const root = await busyboxRoot();
    const theirs = await busyboxRoot();
    lchownSync(theirs, 1001, 1001);
    chmodSync(theirs, 0o755);
    const closed = rootOf("closed");
    chmodSync(closed, 0o700);
    const link = join(makeRoom(), "link");
    symlinkSync(root, link);
    const touch = (where: string) =>
      inside(way, "touch /new; id -u", {
        command: "build",
        args: ["-r", where],
      });
    expect((await touch(link)).stdout).toBe("0\n");
    expect(statSync(join(root, "new")).uid).toBe(USER);
    const refused = await touch(theirs);
    expect(refused.stderr).toContain("Permission denied");
    expect(existsSync(join(theirs, "new"))).toBe(false);
    expectRefusal(await touch(closed));
  },
);

attack(
  "A72",
  "what build unmounts or mounts inside stays inside, and gives nothing of the host's",
  async (way) => {
    const secret = rootOf("secret");
    const shared = makeRoom({ d: {} });
    const before = subordinateHost(
      `mount -t tmpfs -o mode=700 none ${secret}; echo secret > ${secret}/key; mount -t tmpfs none /mnt; touch /mnt/host`,
    );
    const script = `
    while umount -l ${secret}; do :; done; cat ${secret}/key
    while umount -l /mnt; do :; done; ls /mnt
    mount -t tmpfs none ${shared}/d && touch ${shared}/d/x
    while umount -l /proc; do :; done; while umount -l /dev; do :; done; ls /dev/kmsg /dev/sda; true`;
    const result = await way.run(
      ["-v", shared, ".", "--as-root", "build", "sh", "-c", script],
      { before },
    );
    expect(result.stdout).not.toContain("secret");
    expect(existsSync(join(shared, "d/x"))).toBe(false);
  },
);

attack(
  "A72",
  "the host's root has no capability over mounts in build --as-root, and a read-only /proc",
  async (way) => {
    const script = tries([
      "echo x > /proc/sys/kernel/domainname",
      "mount -o remount,rw /proc",
      "mount -t proc none /tmp",
      "unshare -Urmpf mount -t proc none /tmp && echo x > /tmp/sys/kernel/domainname",
    ]);
    const result = await way.run(["--as-root", "build", "sh", "-c", script], {
      user: 0,
    });
    expect(result.stdout).toBe("");
  },
);

control(
  "A72",
  "outside, root of a user namespace may mount and unmount",
  async () => {
    const script =
      "mount -t tmpfs none /mnt && touch /mnt/x && umount /mnt && echo done";
    const result = await runOutside(
      ["/usr/bin/unshare", "-Urm", "sh", "-c", script],
      {
        before: hostWith(""),
      },
    );
    expect(result.stdout).toBe("done\n");
  },
);

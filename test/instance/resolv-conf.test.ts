/** Names resolve by default wherever the network is shared: /etc/resolv.conf is the host's in effect. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changedHost, hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { link, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";

const READ = ["run", "cat", "/etc/resolv.conf"];
const TEXT = "nameserver 192.0.2.7\n";

forEachMode((mode) => {
  for (const target of [
    "../run/resolve/stub.conf",
    "/run/resolve/stub.conf",
    "/etc/second",
  ]) {
    mode.rule(
      `a symlink ${target} to another filesystem is followed`,
      async () => {
        const before = changedHost(`
mount -t tmpfs -o mode=755 none /run
mkdir -m 755 /run/resolve
printf '${TEXT}' > /run/resolve/stub.conf
ln -s ../run/resolve/stub.conf /etc/second
rm /etc/resolv.conf
ln -s ${target} /etc/resolv.conf`);
        expect(
          (await runOutside(["/bin/cat", "/etc/resolv.conf"], { before }))
            .stdout,
        ).toBe(TEXT);
        expect(await mode.output(READ, { before })).toBe(TEXT);
        // Nothing else of that filesystem shows.
        expect(
          await mode.output(
            ["run", "find", "/run", "-type", "f", "-size", "+0"],
            { before },
          ),
        ).not.toMatch(/other/);
        const write = await mode.run(
          ["run", "sh", "-c", "echo > /etc/resolv.conf"],
          { before },
        );
        expect(write.status).not.toBe(0);
      },
    );
  }

  mode.rule(
    "a symlink to a file in the root's /tmp, which the instance's own covers, is followed",
    async () => {
      const before = changedHost(`
printf '${TEXT}' > /tmp/own.conf
rm /etc/resolv.conf
ln -s /tmp/own.conf /etc/resolv.conf`);
      expect(await mode.output(READ, { before })).toBe(TEXT);
    },
  );

  mode.rule(
    "a file of another filesystem that is mounted over it is shown",
    async () => {
      const room = makeRoom({ other: {} });
      const before = hostWith(
        `mount -t tmpfs -o mode=755 none "$1"; printf '${TEXT}' > "$1/file"; mount --bind "$1/file" /etc/resolv.conf`,
        [join(room, "other")],
      );
      expect(await mode.output(READ, { before })).toBe(TEXT);
    },
  );

  mode.rule("an ordinary file is shown as it is", async () => {
    expect(await mode.output(READ)).toBe(
      readFileSync("/etc/resolv.conf", "utf8"),
    );
  });

  mode.rule(
    "with --rootfs the host's covers a missing, a dangling and an empty one",
    async () => {
      const host = readFileSync("/etc/resolv.conf", "utf8");
      for (const etc of [
        {},
        { "resolv.conf": link("../run/systemd/resolve/stub-resolv.conf") },
        { "resolv.conf": link("/run/nowhere") },
        { "resolv.conf": "" },
      ]) {
        const root = await busyboxRoot({ etc: { motd: "kept\n", ...etc } });
        expect(await mode.output(["-r", root, ...READ, "/etc/motd"])).toBe(
          `${host}kept\n`,
        );
      }
    },
  );

  mode.rule(
    "with --rootfs there is none where it is a link to what /proc has not, and /proc lives",
    async () => {
      const dangling = { "resolv.conf": link("/proc/nothing/like/it") };
      const root = await busyboxRoot({ etc: dangling });
      const script = "cat /etc/resolv.conf; sh -c 'echo && ls -d /proc/$$'";
      const words = ["-r", root, "run", "sh", "-c", script];
      const { status, stdout, stderr } = await mode.run(words);
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr:
          "cat: can't open '/etc/resolv.conf': No such file or directory\n",
      });
      expect(stdout).toMatch(/^\n\/proc\/\d+\n$/);
    },
  );

  mode.rule(
    "with --rootfs one that says something stays, and so does one that is mapped",
    async () => {
      const root = await busyboxRoot({ etc: { "resolv.conf": TEXT } });
      expect(await mode.output(["-r", root, ...READ])).toBe(TEXT);
      const room = makeRoom({ file: "nameserver 192.0.2.9\n" });
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          join(room, "file"),
          "/etc/resolv.conf",
          ...READ,
        ]),
      ).toBe("nameserver 192.0.2.9\n");
      expect(
        await mode.output([
          "-m",
          join(room, "file"),
          "/etc/resolv.conf",
          ...READ,
        ]),
      ).toBe("nameserver 192.0.2.9\n");
    },
  );
});

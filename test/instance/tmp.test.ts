/** /tmp and --tmpfs: memory that belongs to the instance and ends with it. */

import { expect } from "bun:test";
import { existsSync, rmdirSync, statSync } from "node:fs";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { hostWith } from "../harness/host.ts";

forEachMode((mode) => {
  mode.rule(
    "/tmp is empty, 256 MiB, for everybody, and not the host's",
    async () => {
      const name = `/tmp/selfdock-test-${process.pid}`;
      const script = `ls -A /tmp; stat -c %a /tmp; df -B1 --output=size /tmp | tail -1; mkdir ${name}; ls /tmp`;
      expect(
        (await mode.output(["run", "sh", "-c", script])).replaceAll(" ", ""),
      ).toBe(`1777\n268435456\n${name.slice(5)}\n`);
      expect(existsSync(name)).toBe(false);
      expect(await mode.output(["run", "ls", "-A", "/tmp"])).toBe("");
    },
  );

  mode.rule("with -v /tmp /tmp it is the host's", async () => {
    const name = `/tmp/selfdock-test-${process.pid}`;
    try {
      await mode.output(["-v", "/tmp", "/tmp", "run", "mkdir", name]);
      expect(statSync(name).uid).toBe(1000);
    } finally {
      if (existsSync(name)) rmdirSync(name);
    }
  });

  mode.rule(
    "with -m /tmp /tmp the host's can be read and not written",
    async () => {
      const before = hostWith(
        "mount -t tmpfs -o mode=1777 none /tmp; echo host > /tmp/file",
      );
      expect(
        await mode.output(["-m", "/tmp", "/tmp", "run", "cat", "/tmp/file"], {
          before,
        }),
      ).toBe("host\n");
      const write = await mode.run(
        ["-m", "/tmp", "/tmp", "run", "mkdir", "/tmp/t"],
        { before },
      );
      expect(write.stderr).toContain("Read-only file system");
    },
  );

  mode.rule(
    "a tmpfs has the size, mode and inodes that were asked for",
    async () => {
      const args = ["-t", "size=64K,mode=700,nr_inodes=3", "/srv"];
      const script =
        "stat -c '%a %u' /srv; df -B1 --output=size,itotal /srv | tail -1; : > /srv/1; : > /srv/2; : > /srv/3";
      const result = await mode.run([...args, "run", "sh", "-c", script]);
      expect(result.stdout.replaceAll(/^ +/gm, "").replaceAll(/ +/g, " ")).toBe(
        "700 1000\n65536 3\n",
      );
      expect(result.stderr).toContain("No space left on device");
      const full = await mode.run([
        ...args,
        "run",
        "sh",
        "-c",
        "head -c 65537 /dev/zero > /srv/file",
      ]);
      expect(full.stderr).toContain("No space left on device");
      expect(
        await mode.output([
          ...args,
          "run",
          "sh",
          "-c",
          "head -c 65536 /dev/zero > /srv/file; wc -c < /srv/file",
        ]),
      ).toBe("65536\n");
    },
  );

  mode.rule(
    "a tmpfs without options is 256 MiB, 1777, nosuid and nodev",
    async () => {
      const script =
        "stat -c %a /srv; df -B1 --output=size /srv | tail -1; grep ' /srv ' /proc/self/mounts";
      const lines = (
        await mode.output(["-t", "", "/srv", "run", "sh", "-c", script])
      ).split("\n");
      expect(lines[0]).toBe("1777");
      expect(lines[1]!.trim()).toBe("268435456");
      expect(lines[2]).toMatch(/ tmpfs rw,nosuid,nodev/);
    },
  );

  mode.rule(
    "/tmp may be given otherwise: another size, another tmpfs, nothing twice",
    async () => {
      expect(
        (
          await mode.output([
            "-t",
            "size=1m",
            "/tmp",
            "run",
            "df",
            "-B1",
            "--output=size",
            "/tmp",
          ])
        )
          .split("\n")[1]!
          .trim(),
      ).toBe("1048576");
      const room = makeRoom({ file: "mine" });
      expect(
        await mode.output(["-m", room, "/tmp", "run", "cat", "/tmp/file"]),
      ).toBe("mine");
      expect(
        await mode.output([
          "-t",
          "",
          "/tmp",
          "run",
          "sh",
          "-c",
          "grep -c ' /tmp ' /proc/self/mounts",
        ]),
      ).toBe("1\n");
    },
  );

  mode.rule("a place below /tmp is made in the instance's own", async () => {
    const room = makeRoom({ file: "mine" });
    const script = "cat /tmp/a/b/file; echo > /tmp/other; ls /tmp";
    expect(
      await mode.output(["-m", room, "/tmp/a/b", "run", "sh", "-c", script]),
    ).toBe("minea\nother\n");
  });

  for (const options of [
    "size=0",
    "size=-1",
    "size=1x",
    "size=100%",
    "size=",
    "mode=4777",
    "mode=8",
    "suid",
    "dev",
    "exec",
    "huge=always",
    "mpol=bind:0",
    "size=1k\n",
    "uid=0",
    "gid=0",
    "size=1k,size=2k",
    ",",
  ]) {
    mode.rule(
      `OPT ${JSON.stringify(options)} is refused, and nothing runs`,
      async () => {
        const result = await mode.run([
          "-t",
          options,
          "/srv",
          "run",
          "echo",
          "ran",
        ]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toMatch(/tmpfs/);
      },
    );
  }

  mode.rule("uid= and gid= of the caller's own are taken", async () => {
    expect(
      await mode.output([
        "-t",
        "uid=1000,gid=1000",
        "/srv",
        "run",
        "stat",
        "-c",
        "%u %g",
        "/srv",
      ]),
    ).toBe("1000 1000\n");
  });
});

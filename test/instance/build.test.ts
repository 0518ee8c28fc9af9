/** build: the root is the real directory, writable by the user's own rights. */

import { expect } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
  mode.rule(
    "what build writes is in the root afterwards, as the user's; run writes nothing",
    async () => {
      const root = await busyboxRoot({ etc: { motd: "old\n" } });
      await mode.output([
        "-r",
        root,
        "build",
        "sh",
        "-c",
        "echo new > /etc/motd; mkdir -p /opt/a; echo x > /opt/a/b; rm /bin/yes; chmod 700 /var",
      ]);
      expect(readFileSync(join(root, "etc/motd"), "utf8")).toBe("new\n");
      expect(statSync(join(root, "opt/a/b"))).toMatchObject({
        uid: 1000,
        gid: 1000,
      });
      expect(existsSync(join(root, "bin/yes"))).toBe(false);
      expect(statSync(join(root, "var")).mode & 0o777).toBe(0o700);
      const run = await mode.run([
        "-r",
        root,
        "run",
        "sh",
        "-c",
        "echo newer > /etc/motd",
      ]);
      expect(run.stderr).toContain("Read-only file system");
      expect(readFileSync(join(root, "etc/motd"), "utf8")).toBe("new\n");
    },
  );

  mode.rule(
    "a directory that lacks a place to mount at is read-only itself, and nothing is made there",
    async () => {
      const root = await busyboxRoot();
      const script = "echo new > /new; echo new > /etc/new";
      const places = ["proc", "dev", "tmp"];
      for (const place of places) rmdirSync(join(root, place));
      const lacking = await mode.run(["-r", root, "build", "sh", "-c", script]);
      expect(lacking.stderr).toContain("/new: Read-only file system");
      expect(existsSync(join(root, "etc/new"))).toBe(true);
      for (const place of places) {
        expect(existsSync(join(root, place))).toBe(false);
        mkdirSync(join(root, place));
      }
      await mode.output(["-r", root, "build", "sh", "-c", script]);
      expect(existsSync(join(root, "new"))).toBe(true);
    },
  );

  mode.rule("build gives no right that the user lacks", async () => {
    const name = `/etc/selfdock-test-${process.pid}`;
    const result = await mode.run(["build", "touch", name]);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("Permission denied");
    expect(existsSync(name)).toBe(false);
    expect((await runOutside(["/usr/bin/touch", name])).stderr).toContain(
      "Permission denied",
    );
    const room = makeRoom({
      theirs: entry({ mode: 0o644, owner: 0, text: "theirs" }),
    });
    expect(
      (await mode.run(["build", "sh", "-c", `echo > ${room}/theirs`])).stderr,
    ).toContain("Permission denied");
    expect(
      (await mode.run(["build", "chown", "0", join(room)])).stderr,
    ).toMatch(/not permitted|Invalid argument/);
  });

  mode.rule(
    "in the host's root the user's own files can be written",
    async () => {
      const room = makeRoom();
      await mode.output(["build", "sh", "-c", `echo built > ${room}/file`]);
      expect(readFileSync(join(room, "file"), "utf8")).toBe("built\n");
    },
  );

  mode.rule(
    "a write that is reported done is in the root, beside a mount point that was made too",
    async () => {
      const room = makeRoom({ file: "mine\n" });
      for (const target of ["/etc/new", "/new", "/etc/deep/er"]) {
        const root = await busyboxRoot({ etc: { motd: "old\n" } });
        const script = (name: string): string =>
          `echo written > ${name} && echo done`;
        for (const name of [
          "/etc/motd",
          "/etc/added",
          "/added",
          "/var/added",
          "/etc/deep/added",
        ]) {
          const result = await mode.run([
            "-r",
            root,
            "-m",
            room,
            target,
            "build",
            "sh",
            "-c",
            script(name),
          ]);
          expect(result.status).not.toBe(124);
          const path = join(root, name);
          const inRoot =
            existsSync(path) && readFileSync(path, "utf8") === "written\n";
          expect(`${target} ${name} ${inRoot}`).toBe(
            `${target} ${name} ${result.stdout === "done\n"}`,
          );
        }
        expect(
          await mode.output([
            "-r",
            root,
            "-m",
            room,
            target,
            "build",
            "cat",
            `${target}/file`,
          ]),
        ).toBe("mine\n");
      }
    },
  );

  mode.rule(
    "/proc, /dev and /tmp of an instance leave nothing in the root",
    async () => {
      const root = await busyboxRoot();
      await mode.output([
        "-r",
        root,
        "build",
        "sh",
        "-c",
        "echo > /tmp/x; echo > /dev/null; echo > /dev/shm/x",
      ]);
      for (const name of ["proc", "dev", "tmp"])
        expect(readdirSync(join(root, name))).toEqual([]);
    },
  );
});

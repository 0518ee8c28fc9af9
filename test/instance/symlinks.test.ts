/** Targets, the root and -C through symlinks: always resolved inside the instance's root. */

import { expect } from "bun:test";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { link, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";

const SOURCE = { file: "mine\n" };

forEachMode((mode) => {
  mode.rule(
    "a target goes through symlinks, absolute ones too, inside the root",
    async () => {
      const root = await busyboxRoot({
        srv: { real: {}, file: "" },
        relative: link("srv/real"),
        absolute: link("/srv/real"),
        up: link("../../../../srv/real"),
        chain: link("absolute"),
        srv2: link("/srv"),
        "file-link": link("/srv/file"),
      });
      const room = makeRoom(SOURCE);
      for (const target of [
        "/relative",
        "/absolute",
        "/up",
        "/chain",
        "/srv2/real",
        "/../../srv/real",
        "/srv/../srv/real",
        "/./srv//real/",
      ]) {
        expect(
          await mode.output([
            "-r",
            root,
            "-m",
            room,
            target,
            "run",
            "cat",
            "/srv/real/file",
          ]),
        ).toBe("mine\n");
      }
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          join(room, "file"),
          "/file-link",
          "run",
          "cat",
          "/srv/file",
        ]),
      ).toBe("mine\n");
      expect(readdirSync(join(root, "srv/real"))).toEqual([]);
    },
  );

  mode.rule(
    "a missing target behind a symlink is made where the symlink leads, inside",
    async () => {
      const root = await busyboxRoot({
        srv: {},
        dangling: link("/srv/later/on"),
        inside: link("srv"),
      });
      const room = makeRoom(SOURCE);
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          room,
          "/dangling",
          "run",
          "cat",
          "/srv/later/on/file",
          "/dangling/file",
        ]),
      ).toBe("mine\nmine\n");
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          room,
          "/dangling/more",
          "run",
          "cat",
          "/srv/later/on/more/file",
        ]),
      ).toBe("mine\n");
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          room,
          "/inside/new",
          "run",
          "cat",
          "/srv/new/file",
        ]),
      ).toBe("mine\n");
      expect(readdirSync(join(root, "srv"))).toEqual([]);
    },
  );

  mode.rule(
    "a symlink to the host's /etc leads to the root's own",
    async () => {
      const root = await busyboxRoot({
        mnt: link("/etc"),
        etc: { passwd: "of the root\n" },
      });
      const room = makeRoom(SOURCE);
      expect(
        await mode.output([
          "-r",
          root,
          "-m",
          room,
          "/mnt",
          "run",
          "sh",
          "-c",
          "cat /etc/file; ls /etc",
        ]),
      ).toBe("mine\nfile\n");
    },
  );

  mode.rule(
    "a second target goes through a symlink that a volume brought, inside the root",
    async () => {
      const root = await busyboxRoot({
        v: {},
        etc: { passwd: "of the root\n" },
      });
      const room = makeRoom({ vol: { s: link("/etc") }, source: SOURCE });
      const args = [
        "-r",
        root,
        "-v",
        join(room, "vol"),
        "/v",
        "-m",
        join(room, "source"),
        "/v/s",
      ];
      expect(await mode.output([...args, "run", "ls", "/etc"])).toBe("file\n");
    },
  );

  mode.rule(
    "a loop of symlinks is an error that names the target",
    async () => {
      const root = await busyboxRoot({ a: link("b"), b: link("a") });
      const result = await mode.run([
        "-r",
        root,
        "-m",
        "/etc",
        "/a",
        "run",
        "echo",
        "ran",
      ]);
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain('"/a"');
      expect(result.stderr).toMatch(/symbolic|symlink|loop/i);
    },
  );

  mode.rule("--rootfs goes through symlinks on the host", async () => {
    const root = await busyboxRoot({ etc: { motd: "here\n" } });
    const room = makeRoom({ work: {} });
    symlinkSync(root, join(room, "root"));
    symlinkSync("root", join(room, "again"));
    const options = { cwd: join(room, "work") };
    for (const name of [
      join(room, "root"),
      join(room, "again"),
      `${root}/`,
      "../root",
      "../again/.",
      `${root}/etc/..`,
    ]) {
      expect(
        await mode.output(["-r", name, "run", "cat", "/etc/motd"], options),
      ).toBe("here\n");
    }
  });

  mode.rule("-C goes through symlinks inside, and never out", async () => {
    const root = await busyboxRoot({
      srv: { real: {} },
      link: link("/srv/real"),
      up: link("../../.."),
      host: link("/var/tmp"),
    });
    const at = (directory: string): Promise<string> =>
      mode.output(["-r", root, "-C", directory, "run", "pwd", "-P"]);
    expect(await at("/link")).toBe("/srv/real\n");
    expect(await at("/up")).toBe("/\n");
    expect(await at("/link/../..")).toBe("/\n");
    expect(await at("/../../..")).toBe("/\n");
    const missing = await mode.run([
      "-r",
      root,
      "-C",
      "/host",
      "run",
      "echo",
      "ran",
    ]);
    expect(missing).toMatchObject({ status: 124, stdout: "" });
    expect(missing.stderr).toContain('"/host"');
  });

  mode.rule(
    "a root whose /proc, /dev or /tmp lead elsewhere gets the real ones inside, or nothing starts",
    async () => {
      for (const name of ["proc", "dev", "tmp"]) {
        for (const place of [
          link("/var/other"),
          link("../../../../../var/tmp"),
          "a file",
          link("/nowhere/at/all"),
          link(name),
        ]) {
          const root = await busyboxRoot({ var: { other: { fake: "fake" } } });
          const remove = Bun.spawnSync(["rmdir", join(root, name)]);
          expect(remove.exitCode).toBe(0);
          if (typeof place === "string")
            await Bun.write(join(root, name), place);
          else symlinkSync(place.link!, join(root, name));
          const script =
            "test -c /dev/null && test -d /proc/1/fd && : > /tmp/x && [ $(ls -A /tmp) = x ] && echo real";
          const result = await mode.run([
            "-r",
            root,
            "run",
            "sh",
            "-c",
            script,
          ]);
          if (result.status === 0) expect(result.stdout).toBe("real\n");
          else expect(result).toMatchObject({ status: 124, stdout: "" });
          expect(readdirSync(join(root, "var/other"))).toEqual(["fake"]);
        }
      }
    },
  );
});

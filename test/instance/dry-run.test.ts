/** --dry-run prints the Program and does nothing. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";

forEachMode((mode) => {
  mode.rule(
    "the Program is printed step by step with the names of calls, flags and values",
    async () => {
      const text = await mode.output([
        "--dry-run=steps",
        "-m",
        "/etc",
        "/srv",
        "run",
        "some-command",
        "an argument",
      ]);
      for (const word of [
        "clone3",
        "CLONE_NEWPID",
        "CLONE_NEWNS",
        "pivot_root",
        "mount_setattr",
        "MOUNT_ATTR_NOSUID",
        "PR_SET_NO_NEW_PRIVS",
        "close_range",
        "execve",
        "/srv",
        "some-command",
      ]) {
        expect(text).toContain(word);
      }
      expect(text.split("\n").length).toBeGreaterThan(30);
      // No step without a name, no flag without one.
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  mode.rule(
    "without =steps it says in words what is done and why",
    async () => {
      const text = await mode.output([
        "--dry-run",
        "-m",
        "/etc",
        "/srv",
        "run",
        "id",
      ]);
      expect(text).toContain(`A new instance for: id\n`);
      expect(text).toContain(
        mode.name === "setuid"
          ? "with root's privilege"
          : "by a user namespace",
      );
      expect(text).toContain('mount "/etc" at "/srv"');
      expect(text).toContain("looked up with the caller's ids, once");
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );

  mode.rule("=json is JSON, of the way that would be taken", async () => {
    const text = await mode.output(["--dry-run=json", "run", "id"]);
    const { mode: way } = JSON.parse(text) as { mode: string };
    expect(way).toBe(mode.name === "setuid" ? "privileged" : "rootless");
  });

  mode.rule("nothing is run and nothing is written", async () => {
    const room = makeRoom();
    const args = ["--vol", room, "/srv", "run", "touch", "/srv/file"];
    for (const form of ["", "=steps", "=json"])
      await mode.output([`--dry-run${form}`, ...args]);
    expect(existsSync(join(room, "file"))).toBe(false);
    await mode.output(args);
    expect(existsSync(join(room, "file"))).toBe(true);
  });

  mode.ruleWith(
    "no process, namespace or mount is made",
    ["program:strace"],
    async () => {
      const room = makeRoom();
      const calls =
        "unshare,setns,mount,umount2,pivot_root,open_tree,move_mount,fsopen,fsmount,mount_setattr,chroot,clone,clone3,fork,vfork,execve";
      const trace = async (args: readonly string[]): Promise<string> => {
        // Written by root before the program is the user's: strace is the parent.
        const file = join(room, `trace-${args.length}`);
        await mode.run(args, {
          before: ["strace", "-f", "-o", file, "-e", `trace=${calls}`],
        });
        return Bun.file(file).text();
      };
      const text = await trace(["--dry-run", "run", "echo", "x"]);
      expect(text).not.toMatch(
        /CLONE_NEW|\b(unshare|setns|u?mount2?|pivot_root|open_tree|move_mount|fsopen|fsmount|mount_setattr|chroot)\(/,
      );
      expect(text.match(/execve\(/g)).toHaveLength(2);
      // The control: without it they are made.
      expect(await trace(["run", "echo", "x"])).toMatch(/CLONE_NEWPID/);
    },
  );

  mode.rule("an error of the command line is the same with it", async () => {
    for (const args of [["-m", "/etc", "relative", "run", "true"], ["run"]]) {
      expect((await mode.run(["--dry-run", ...args])).status).toBe(124);
    }
  });
});

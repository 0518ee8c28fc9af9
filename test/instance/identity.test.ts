/** Who the command is: the caller, inside and outside, with no power that he lacks. */

import { expect } from "bun:test";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { forEachMode } from "../harness/modes.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

const STATUS = ["cat", "/proc/self/status"];

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1];
}

forEachMode((mode) => {
  mode.rule(
    "the command has the caller's uid and gid, real, effective, saved and for files",
    async () => {
      const status = await mode.output(["run", ...STATUS]);
      for (const name of ["Uid", "Gid"]) {
        expect(field(status, name)?.split("\t")).toEqual([
          "1000",
          "1000",
          "1000",
          "1000",
        ]);
      }
    },
  );

  mode.rule("another caller has his own", async () => {
    const options = { user: 4321 };
    expect(
      await mode.output(["run", "sh", "-c", "id -u; id -g"], options),
    ).toBe("4321\n4321\n");
  });

  mode.rule(
    "all five capability sets are empty, no_new_privs is set, a filter is on",
    async () => {
      const inside = await mode.output(["run", ...STATUS]);
      const outside = (await runOutside(["/bin/cat", "/proc/self/status"]))
        .stdout;
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
        expect(`${set} ${field(inside, set)}`).toBe(`${set} 0000000000000000`);
      }
      expect(field(inside, "NoNewPrivs")).toBe("1");
      expect(field(inside, "Seccomp")).toBe("2");
      // The control: outside none of this holds by itself.
      expect(field(outside, "CapBnd")).not.toBe("0000000000000000");
      expect(field(outside, "NoNewPrivs")).toBe("0");
      expect(field(outside, "Seccomp")).toBe("0");
    },
  );

  for (const groups of [[], [1000], [4, 27, 1000]]) {
    mode.rule(
      `the groups [${groups.join(" ")}] are the caller's, as the host shows them`,
      async () => {
        const running = mode.start(
          ["run", "sh", "-c", "echo ready; exec sleep 60"],
          { groups },
        );
        await waitUntil(
          "the command runs",
          () => running.stdout() === "ready\n",
        );
        const below = descendants(running.pid);
        expect(below.length).toBeGreaterThan(0);
        for (const pid of below) {
          expect(statusField(pid, "Groups")?.trim()).toBe(groups.join(" "));
        }
        running.kill("SIGKILL");
        await running.ended;
      },
    );
  }

  mode.rule("a file that a group may not read stays unreadable", async () => {
    const room = makeRoom({ file: "for others" });
    await runOutside(["/bin/chgrp", "27", join(room, "file")], { user: 0 });
    chmodSync(join(room, "file"), 0o604);
    await runOutside(["/bin/chown", "4321", join(room, "file")], { user: 0 });
    const read = ["run", "cat", join(room, "file")];
    expect((await mode.run(read, { groups: [27] })).stderr).toContain(
      "Permission denied",
    );
    expect(await mode.output(read, { groups: [4] })).toBe("for others");
  });

  mode.rule("no other id can be taken", async () => {
    const script = `
import os
for call in (lambda: os.setresuid(-1, 0, -1), lambda: os.setresgid(-1, 0, -1), lambda: os.setresuid(1, 1, 1), lambda: os.setgroups([0])):
    try: call(); print("taken")
    except OSError as error: print(error.strerror)
`;
    const lines = (await mode.output(["run", "python3", "-c", script]))
      .trim()
      .split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines)
      expect(["Operation not permitted", "Invalid argument"]).toContain(line);
  });

  mode.rule(
    "a setuid program of root's gives nothing, in the root, in a map and in a volume",
    async () => {
      const room = makeRoom();
      const id = join(room, "id");
      copyFileSync("/usr/bin/id", id);
      chmodSync(id, 0o4755);
      // The file is root's, since root made it; the room is the user's.
      expect((await runOutside([id, "-u"])).stdout).toBe("0\n");
      expect(await mode.output(["run", id, "-u"])).toBe("1000\n");
      expect(
        await mode.output(["--map", room, "/srv", "run", "/srv/id", "-u"]),
      ).toBe("1000\n");
      expect(
        await mode.output(["--vol", room, "/srv", "run", "/srv/id", "-u"]),
      ).toBe("1000\n");
      expect(await mode.output(["build", id, "-u"])).toBe("1000\n");
    },
  );

  mode.rule("su with forged passwords gives nothing", async () => {
    const room = makeRoom({
      passwd: "root::0:0::/:/bin/sh\n",
      shadow: "root::1::::::\n",
      pam: {
        su: "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\nsession sufficient pam_permit.so\n",
      },
    });
    const maps = [
      ["passwd", "/etc/passwd"],
      ["shadow", "/etc/shadow"],
      ["pam", "/etc/pam.d"],
    ];
    const result = await mode.run([
      ...maps.flatMap(([name, at]) => ["-m", join(room, name!), at!]),
      "run",
      "su",
      "-c",
      "id -u; grep Cap /proc/self/status",
    ]);
    expect(result.stdout).not.toMatch(/^0$/m);
    expect(result.status).not.toBe(0);
    // What was mapped was seen.
    expect(
      await mode.output([
        "-m",
        join(room, "passwd"),
        "/etc/passwd",
        "run",
        "cat",
        "/etc/passwd",
      ]),
    ).toStartWith("root::0:0");
  });

  mode.rule(
    "nothing read-only can be made writable from inside, and nothing unmounted",
    async () => {
      for (const attempt of [
        "mount -o remount,rw,bind /",
        "umount /proc",
        "umount -l /",
        "unshare -Ur mount -o remount,rw,bind /",
        "unshare -Urm mount -o remount,rw,bind /",
        "unshare -Urm umount -l /proc",
      ]) {
        const result = await mode.run(["run", "sh", "-c", attempt]);
        expect(`${attempt}: ${result.status === 0 ? "done" : "refused"}`).toBe(
          `${attempt}: refused`,
        );
        expect(result.stderr).toMatch(
          /permission|permitted|must be superuser|read-only|not mounted|busy|invalid|unshare/i,
        );
      }
    },
  );

  mode.rule(
    "typing into the terminal and keyrings are refused, by every way to call",
    async () => {
      const program = helper("calls");
      const inside = await mode.output(["run", program]);
      const outside = (await runOutside([program])).stdout;
      const refused =
        /^((i386 |x32 )?(TIOCSTI|TIOCLINUX|keyctl|add_key|request_key)(\|1<<32)?) EPERM$/;
      for (const line of inside.trim().split("\n")) {
        // What a filter does to a foreign table of calls may be any error, or death.
        if (line.startsWith("x32")) expect(line).not.toContain("allowed");
        else if (line.includes("TCGETS")) expect(line).toEndWith(" EBADF");
        else if (line.includes("getpid")) expect(line).toEndWith(" allowed");
        else expect(line).toMatch(refused);
      }
      expect(inside.split("\n").length).toBe(outside.split("\n").length);
      expect(outside).toContain("TIOCSTI EBADF");
      expect(outside).not.toContain("EPERM");
    },
  );
});

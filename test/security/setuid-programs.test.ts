/** Programs with a privilege of their own give nothing inside. */

import { expect } from "bun:test";
import { chmodSync, chownSync, copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attack } from "./ring.ts";

const NONE = "0000000000000000";

/** A copy of a program with a privilege of the file's own, in a room of the user's. */
function privileged(
  name: string,
  kind: "setuid" | "setgid" | "capability",
): string {
  const path = join(makeRoom(), basename(name));
  copyFileSync(Bun.which(name)!, path);
  chownSync(path, 0, 0);
  chmodSync(
    path,
    kind === "setuid" ? 0o4755 : kind === "setgid" ? 0o2755 : 0o755,
  );
  if (kind === "capability")
    Bun.spawnSync(["setcap", "cap_dac_override,cap_net_raw+ep", path]);
  return path;
}

attack(
  "A38",
  "setuid, setgid and file capabilities give nothing, wherever the file lies",
  async (way) => {
    const [id, group, cat] = [
      privileged("id", "setuid"),
      privileged("id", "setgid"),
      privileged("cat", "capability"),
    ];
    // The controls: outside they do.
    expect((await runOutside([id, "-u"])).stdout).toBe("0\n");
    expect((await runOutside([group, "-g"])).stdout).toBe("0\n");
    expect((await runOutside([cat, "/etc/shadow"])).stdout).toContain("root:");
    for (const option of ["-m", "-v"]) {
      for (const [program, word, want] of [
        [id, "-u", "1000\n"],
        [group, "-g", "1000\n"],
        [cat, "/etc/shadow", ""],
      ] as const) {
        for (const command of ["run", "build"]) {
          expect((await way.run([command, program, word])).stdout).toBe(want);
          expect(
            (
              await way.run([
                option,
                join(program, ".."),
                "/srv",
                command,
                `/srv/${program.split("/").at(-1)!}`,
                word,
              ])
            ).stdout,
          ).toBe(want);
        }
      }
    }
    for (const file of [id, group, cat]) chmodSync(file, 0o644);
  },
);

attack(
  "A38",
  "a selfdock whose file has capabilities reads nothing by them",
  async (way) => {
    const capable = privileged(way.program(), "capability");
    for (const command of ["batch", "explain"]) {
      const { status, stdout, stderr } = await runOutside([
        capable,
        command,
        "/etc/shadow",
      ]);
      expect({ status, stdout }).toEqual({ status: 124, stdout: "" });
      expect(stderr).toContain("permission denied");
    }
    chmodSync(capable, 0o644);
  },
);

attack(
  "A38",
  "su, mount, newgrp and passwd obey forged configuration, and get nowhere",
  async (way) => {
    const permit =
      "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\nsession sufficient pam_permit.so\n";
    const room = makeRoom({
      passwd: "root::0:0::/:/bin/sh\nme::1000:1000::/:/bin/sh\n",
      shadow: "root::1::::::\n",
      group: "root::0:me\nme::1000:\n",
      gshadow: "root:::\n",
      pam: { su: permit, "su-l": permit, sudo: permit, other: permit },
      fstab: "none /mnt tmpfs user,suid,dev,exec 0 0\n",
      sudoers: "ALL ALL=(ALL) NOPASSWD: ALL\n",
      preload: "",
    });
    const at: Readonly<Record<string, string>> = {
      passwd: "/etc/passwd",
      shadow: "/etc/shadow",
      group: "/etc/group",
      gshadow: "/etc/gshadow",
      pam: "/etc/pam.d",
      fstab: "/etc/fstab",
      sudoers: "/etc/sudoers",
      preload: "/etc/ld.so.preload",
    };
    const maps = Object.entries(at).flatMap(([name, place]) => [
      "-m",
      join(room, name),
      place,
    ]);
    for (const attempt of [
      "su -c 'id -u'",
      "su - -c 'id -u'",
      "newgrp root -c 'id -g'",
      "mount /mnt && id -u",
      "echo x | passwd root",
    ]) {
      const { stdout, stderr } = await way.run([
        ...maps,
        "run",
        "sh",
        "-c",
        `grep -c ^root::0 /etc/passwd; ${attempt}; grep Cap /proc/self/status`,
      ]);
      expect(stderr).not.toContain("selfdock:");
      expect(stdout).toStartWith("1\n");
      expect(stdout).not.toMatch(/^0$/m);
      expect(
        [...stdout.matchAll(/Cap...:\t(.*)/g)].map((match) => match[1]),
      ).toEqual([NONE, NONE, NONE, NONE, NONE]);
    }
  },
);

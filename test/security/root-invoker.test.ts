/** Root as invoker: no capability in run, few in build, no switch of the kernel. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { busyboxRoot } from "../harness/roots.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attacker } from "./programs.ts";
import { attack } from "./ring.ts";

const NONE = "0000000000000000";

attack(
  "A58",
  "root inside has no capability and cannot set the kernel's switches",
  async (way) => {
    const status = await way.sh(
      "grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)|NoNew' /proc/self/status",
    );
    expect(status).toBe(
      `${["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}:\t${NONE}\n`).join("")}NoNewPrivs:\t1\n`,
    );
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    for (const file of [
      "sys/kernel/core_pattern",
      "sys/kernel/modprobe",
      "sys/vm/drop_caches",
      "sysrq-trigger",
      "irq/default_smp_affinity",
      "self/oom_score_adj",
    ]) {
      const result = await way.run([
        "run",
        "sh",
        "-c",
        `[ -e /proc/${file} ] && cat /proc/${file} 2>/dev/null > /tmp/x; cat /tmp/x 2>/dev/null | dd of=/proc/${file} conv=notrunc 2>/dev/null && echo WROTE`,
      ]);
      expect({ file, wrote: result.stdout.includes("WROTE") }).toEqual({
        file,
        wrote: false,
      });
    }
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
    const mounts = await way.sh("grep ' /proc ' /proc/self/mounts | tail -n 1");
    for (const word of ["ro", "nosuid", "nodev", "noexec"])
      expect(mounts.split(" ")[3]!.split(",")).toContain(word);
    for (const attempt of [
      "head -c 1 /proc/kcore",
      "mount -t tmpfs none /mnt",
      "umount -l /proc",
      "mount -o remount,rw /proc",
      "cat < /dev/mem",
      "mknod /tmp/m c 1 1 && cat /tmp/m",
      "touch /usr/x",
      "chroot /usr true",
    ]) {
      expect({
        attempt,
        status: (await way.run(["run", "sh", "-c", attempt])).status,
      }).not.toEqual({ attempt, status: 0 });
    }
  },
);

attack(
  "A58",
  "in build root has what making a root takes, and no more",
  async (way) => {
    const status = await way.sh("grep -E 'CapBnd|CapEff' /proc/self/status", {
      command: "build",
    });
    const bits = BigInt(`0x${/CapEff:\t(.*)/.exec(status)![1]}`);
    // NET_ADMIN, SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN, SYS_BOOT, SYS_TIME, MAC_ADMIN, SYSLOG, BPF, CHECKPOINT_RESTORE, PERFMON, DAC_READ_SEARCH
    for (const bit of [
      12n,
      16n,
      17n,
      19n,
      21n,
      22n,
      25n,
      33n,
      34n,
      39n,
      40n,
      38n,
      2n,
    ])
      expect(`${bit} ${(bits >> bit) & 1n}`).toBe(`${bit} 0`);
    // CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID: what an unpacked package needs.
    for (const bit of [0n, 1n, 3n, 6n, 7n])
      expect(`${bit} ${(bits >> bit) & 1n}`).toBe(`${bit} 1`);
  },
);

/**
 * COMMAND, a path of this host's, in a chroot that is a mount and holds "mark" and
 * "leave"; every mount around it tells its peers of new ones. Fails if it has any.
 */
const IN_CHROOT = `
set -e
jail=$1 root=$2 leave=$3 command=$4
shift 4
mount --make-rshared /
mount -t tmpfs none "$jail"
mkdir "$jail/other"
for each in "$jail" "$jail/other"; do
  cp -a "$root/." "$each"
  cp "$leave" "$each/leave"
  mkdir -p "$each/mark" "$each/proc" "$each/dev"
done
mount -t proc none "$jail/proc"
mount --rbind /dev "$jail/dev"
touch "$jail/command"
mount --bind "$command" "$jail/command"
cat /proc/self/mountinfo > "$jail/before"
chroot "$jail" /command "$@"
cat /proc/self/mountinfo | diff "$jail/before" -
`;

attack(
  "A58",
  "what root builds in a chroot does not get out of it",
  async (way) => {
    const leave = attacker("leave");
    const chroot = [makeRoom(), await busyboxRoot(), leave];
    const inChroot = (...words: readonly string[]) => {
      const script = ["sh", "-c", IN_CHROOT, "in-chroot", ...chroot];
      return runOutside(["/usr/bin/unshare", "--mount", ...script, ...words], {
        user: 0,
      });
    };
    // Control: without an instance root is out at once.
    const bare = await inChroot(leave, "/mark");
    expect(bare).toMatchObject({ status: 0, stderr: "" });
    expect(bare.stdout.split("\n")).not.toContain("mark");
    for (const options of [[], ["--init"], ["-r", "/other"]]) {
      const words = [...options, "build", "/leave", "/mark"];
      const inside = await inChroot(way.program(), ...words);
      expect(inside).toMatchObject({ status: 0, stderr: "" });
      expect(inside.stdout.split("\n")).toContain("mark");
    }
  },
);

/** --proc host: processes outside show, and stay closed. */

import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { runOutside, start } from "../harness/run.ts";
import { waitUntil } from "../harness/processes.ts";
import { allRefused, tries } from "./as-root.ts";
import { attack, control } from "./ring.ts";

/** A process of the user's outside, with a secret in each of its insides. */
async function victim(): Promise<{ pid: number; room: string }> {
  const room = makeRoom({ secret: "secret\n" });
  const script = "exec 3<secret; echo $$; exec sleep 60";
  const outside = start(["/bin/sh", "-c", script], {
    cwd: room,
    env: { SECRET: "secret" },
  });
  await waitUntil("the victim runs", () => outside.stdout() !== "", 5);
  return { pid: Number(outside.stdout()), room };
}

const insides = (pid: number) => [
  `grep -q secret /proc/${pid}/environ`,
  `cat /proc/${pid}/cwd/secret`,
  `ls /proc/${pid}/root/`,
  `cat /proc/${pid}/fd/3`,
  `readlink /proc/${pid}/fd/3`,
  `readlink /proc/${pid}/exe`,
  `readlink /proc/${pid}/cwd`,
  `head -c1 /proc/${pid}/mem`,
  `cat /proc/${pid}/maps | grep .`,
  `cat /proc/${pid}/auxv | grep -q .`,
  `cat /proc/${pid}/syscall`,
  `cat /proc/${pid}/stack`,
  `readlink /proc/${pid}/ns/mnt`,
  `nsenter -t ${pid} -m true`,
  `nsenter --mount=/proc/${pid}/ns/mnt true`,
  `nsenter --user=/proc/${pid}/ns/user true`,
  `cat /proc/${pid}/task/${pid}/cwd/secret`,
];

const writes = (pid: number) => [
  `echo 500 > /proc/${pid}/oom_score_adj`,
  `echo x > /proc/${pid}/comm`,
  `echo 1 > /proc/${pid}/clear_refs`,
  `echo 0x7f > /proc/${pid}/coredump_filter`,
  `echo 500 > /proc/self/oom_score_adj`,
  `echo 1 > /proc/sys/kernel/panic`,
  `echo h > /proc/sysrq-trigger`,
  "mount -o remount,rw /proc",
  "umount /proc",
  "unshare -Ur true",
];

for (const args of [
  ["--proc", "host"],
  ["--proc", "host", "--scratch"],
])
  attack(
    "A74",
    `${args.join(" ")}: nothing inside of a process outside is read or changed`,
    async (way) => {
      const { pid } = await victim();
      await allRefused(way, [...insides(pid), ...writes(pid)], {
        args,
        ids: false,
      });
      const all = tries([...insides(pid), ...writes(pid)]);
      const result = await way.run([...args, "run", "sh", "-c", all]);
      expect(result.stdout).toBe("");
    },
  );

attack(
  "A74",
  "a map that leads to the host's /proc leads no further where that is hidden, or rootless",
  async (way) => {
    const { pid } = await victim();
    const mapped = insides(pid).map((line) =>
      line.replaceAll("/proc/", "/mnt/proc/"),
    );
    const script = tries(mapped);
    const hidden = ["-m", "/", "/mnt", "--hide", "/mnt/proc"];
    for (const args of way.name === "setuid"
      ? [hidden]
      : [hidden, hidden.slice(0, 3)]) {
      const result = await way.run([...args, "run", "sh", "-c", script]);
      expect(result).toMatchObject({ status: 0, stdout: "" });
    }
  },
);

attack(
  "A74",
  "a process outside is not reached by signals through its directory",
  async (way) => {
    const { pid } = await victim();
    // pidfd_send_signal(2) takes a directory of /proc.
    const script = `
import os, ctypes
libc = ctypes.CDLL(None, use_errno=True)
for call, args in ((424, (os.open("/proc/${pid}", os.O_RDONLY), 9, None, 0)), (62, (${pid}, 9))):
    print(libc.syscall(call, *args) == 0)`;
    const words = ["--proc", "host", "run", "/usr/bin/python3", "-c", script];
    expect((await way.run(words)).stdout).toBe("False\nFalse\n");
    const alive = await runOutside(["/bin/kill", "-0", String(pid)]);
    expect(alive.status).toBe(0);
  },
);

control(
  "A74",
  "outside the same user reads and changes all of it",
  async () => {
    const { pid, room } = await victim();
    writeFileSync(join(room, "seen"), "");
    const script = insides(pid).slice(0, 7).join(" && ");
    const result = await runOutside([
      "/bin/sh",
      "-c",
      `(${script}) && echo 5 > /proc/${pid}/oom_score_adj && echo done`,
    ]);
    expect(result.stdout).toEndWith("done\n");
  },
);

attack("A74", "a setuid selfdock gives its root up for it", async (way) => {
  const map = await way.sh("cat /proc/self/uid_map", {
    args: ["--proc", "host"],
  });
  expect(map.trim().split(/\s+/)).toEqual(["1000", "1000", "1"]);
});

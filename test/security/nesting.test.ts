/** Namespaces and instances made inside win nothing back. */

import { expect } from "bun:test";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attack } from "./ring.ts";

attack("A65", "a user namespace inside unlocks nothing", async (way) => {
  const inner = (script: string) =>
    way.run(["run", "unshare", "-Urmpf", "sh", "-c", script]);
  for (const [script, word] of [
    ["umount -l /proc && echo DONE", "DONE"],
    ["mount -o remount,rw,bind / && echo DONE", "DONE"],
    ["mount -o remount,bind,dev,suid / && echo DONE", "DONE"],
    [
      "mount --rbind / /mnt && mount -o remount,rw,bind /mnt && touch /mnt/usr/x && echo DONE",
      "DONE",
    ],
    ["mount -t ext4 /dev/vda /mnt && echo DONE", "DONE"],
    [
      "mount --make-shared / && mount --bind / /mnt && touch /usr/x && echo DONE",
      "DONE",
    ],
  ] as const)
    expect({
      script,
      out: (await inner(script)).stdout.includes(word),
    }).toEqual({ script, out: false });
  // A new procfs shows the new namespace, or is refused.
  const proc = await inner("mount -t proc p /mnt && ls -d /mnt/[0-9]* | wc -l");
  if (proc.status === 0) expect(Number(proc.stdout)).toBeLessThan(5);
  const host = await runOutside(["/usr/bin/unshare", "-Ur", "true"]);
  expect((await way.run(["run", "unshare", "-Ur", "true"])).status).toBe(
    host.status,
  );
});

attack(
  "A65",
  "hidden directories stay hidden in a namespace made inside",
  async (way) => {
    const room = makeRoom({ hidden: { secret: "hidden-by-a-mount" } });
    const before = hostWith('mount -t tmpfs -o mode=755 none "$1/hidden"', [
      room,
    ]);
    const script = `umount -l ${room}/hidden; umount ${room}/hidden; mkdir /tmp/at; mount --bind / /tmp/at; cat ${room}/hidden/secret /tmp/at${room}/hidden/secret`;
    const result = await way.run(
      ["run", "unshare", "-Urm", "sh", "-c", script],
      { before },
    );
    expect(result.stderr).not.toContain("selfdock:");
    expect(result.stdout).not.toContain("hidden-by-a-mount");
  },
);

attack(
  "A66",
  "an instance in an instance is rootless and wins nothing back",
  async (way) => {
    const map = [
      "-m",
      join(way.program(), ".."),
      "/opt",
      "run",
      "/opt/selfdock",
    ];
    const status = await way.run([
      ...map,
      "run",
      "sh",
      "-c",
      "cat /proc/self/uid_map; grep -E 'CapEff|CapBnd|NoNew' /proc/self/status",
    ]);
    expect(status.stderr).toBe("");
    expect(status.stdout.replaceAll(/[ \t]+/g, " ")).toBe(
      " 1000 1000 1\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\n",
    );
    const write = await way.run([
      ...map,
      "build",
      "sh",
      "-c",
      "touch /var/tmp/x /usr/x /x; echo $?",
    ]);
    expect(write.stdout).not.toBe("0\n");
    const refused = await way.run([...map, "run", "echo", "ran"], {
      forbid: "by a filter, as container engines do",
    });
    if (way.name === "setuid")
      expect(refused).toMatchObject({ status: 124, stdout: "" });
  },
);

attack(
  "A66",
  "sixteen levels deep it is the same user without rights",
  async (way) => {
    const directory = join(way.program(), "..");
    const nest = Array.from({ length: 15 }, () => [
      "-m",
      directory,
      directory,
      "run",
      way.program(),
    ]).flat();
    const result = await way.run(
      [
        ...nest,
        "-m",
        directory,
        directory,
        "run",
        "sh",
        "-c",
        "id -u; grep CapBnd /proc/self/status; touch /usr/x 2>/dev/null || echo refused",
      ],
      { timeout: 60 },
    );
    expect(result).toMatchObject({
      stderr: "",
      stdout: "1000\nCapBnd:\t0000000000000000\nrefused\n",
    });
  },
);

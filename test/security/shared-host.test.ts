/** What is shared with the host, and what is left on it. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { attack } from "./ring.ts";

const PLACES = (uid: number) => [
  `/tmp/selfdock-${uid}`,
  "/tmp/selfdock",
  `/run/user/${uid}/selfdock`,
  "/run/selfdock",
  "/var/run/selfdock",
  "/dev/shm/selfdock",
];

attack(
  "A63",
  "nothing is left in a predictable place, nor is one followed",
  async (way) => {
    const victim = makeRoom({ file: "untouched" });
    const laid: string[] = [];
    for (const place of PLACES(1000)) {
      if (existsSync(place) || !existsSync(join(place, ".."))) continue;
      symlinkSync(join(victim, "file"), place);
      laid.push(place);
    }
    try {
      const [tmp, shm] = [readdirSync("/tmp").length, readdirSync("/dev/shm")];
      for (const args of [
        ["run", "true"],
        ["build", "true"],
        ["-m", "/etc", "/srv/new", "run", "true"],
        ["--help"],
      ])
        expect((await way.run(args)).status).toBe(0);
      expect(readdirSync("/dev/shm")).toEqual(shm);
      expect(Math.abs(readdirSync("/tmp").length - tmp)).toBeLessThan(5);
      expect(
        readdirSync("/tmp").filter(
          (name) =>
            name.startsWith("selfdock") && !laid.includes(`/tmp/${name}`),
        ),
      ).toEqual([]);
      expect(readFileSync(join(victim, "file"), "utf8")).toBe("untouched");
      expect(laid.length).toBeGreaterThan(1);
    } finally {
      for (const place of laid) Bun.spawnSync(["rm", place]);
    }
  },
);

attack(
  "A64",
  "sockets with a path are out of sight, and what comes through another is the user's own",
  async (way) => {
    const room = makeRoom();
    const name = `selfdock-test-${process.pid}-${way.name}`;
    const server = `
import array, os, socket
s = socket.socket(socket.AF_UNIX); s.bind("\\0${name}"); s.listen(1); print("ready", flush=True)
c, _ = s.accept()
c.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [os.open("/", os.O_RDONLY)]))])`;
    const client = `
import array, os, socket
s = socket.socket(socket.AF_UNIX); s.connect("\\0${name}")
_, data, _, _ = s.recvmsg(1, 64); fd = array.array("i", data[0][2])[0]
print(os.geteuid(), "passwd" in os.listdir("/proc/self/fd/%d/etc" % fd))
try: os.open("etc/shadow", os.O_RDONLY, dir_fd=fd); print("read")
except PermissionError: print("refused")`;
    const listening = Bun.spawn(
      [
        "setpriv",
        "--reuid",
        "1000",
        "--regid",
        "1000",
        "--clear-groups",
        "/usr/bin/python3",
        "-c",
        server,
      ],
      { stdout: "pipe", stderr: "inherit", cwd: "/" },
    );
    await Bun.sleep(300);
    const shared = await way.run(["run", "python3", "-c", client]);
    listening.kill();
    // Shared with the host by default, as SECURITY says; the rights are the user's still.
    expect(shared.stdout).toBe("1000 True\nrefused\n");
    const alone = await way.run([
      "--net",
      "none",
      "run",
      "python3",
      "-c",
      client,
    ]);
    expect(alone.stderr).toContain("ConnectionRefusedError");
    expect(
      (
        await way.run([
          "run",
          "sh",
          "-c",
          "ls /run/user /run/dbus /var/run/docker.sock /tmp/.X11-unix 2>/dev/null",
        ])
      ).stdout,
    ).not.toContain("sock");
    expect(readdirSync(room)).toEqual([]);
  },
);

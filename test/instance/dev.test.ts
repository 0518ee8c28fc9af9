/** /dev: a small set of devices, nothing that can be added, terminals and shared memory of its own. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

const NODES = {
  null: "1:3",
  zero: "1:5",
  full: "1:7",
  random: "1:8",
  urandom: "1:9",
  tty: "5:0",
};

forEachMode((mode) => {
  mode.rule("/dev holds the small set and nothing else", async () => {
    const names = (await mode.output(["run", "ls", "-A", "/dev"]))
      .trim()
      .split("\n");
    const links = ["fd", "stdin", "stdout", "stderr"];
    const expected = [...Object.keys(NODES), "ptmx", "pts", "shm", ...links];
    expect(names.filter((name) => name !== "console").toSorted()).toEqual(
      expected.toSorted(),
    );
    expect(
      (await runOutside(["/bin/ls", "-A", "/dev"])).stdout.split("\n").length,
    ).toBeGreaterThan(names.length);
  });

  mode.rule("each node is the device of its name, for everybody", async () => {
    const paths = Object.keys(NODES).map((name) => `/dev/${name}`);
    const lines = await mode.output([
      "run",
      "stat",
      "-c",
      "%n %F %Hr:%Lr %a",
      ...paths,
    ]);
    for (const [name, numbers] of Object.entries(NODES)) {
      expect(lines).toContain(
        `/dev/${name} character special file ${numbers} 666\n`,
      );
    }
  });

  mode.rule("the devices do what they do outside", async () => {
    const script = `
echo gone > /dev/null && wc -c < /dev/null
head -c 3 /dev/zero | od -An -tx1
head -c 8 /dev/urandom | wc -c
head -c 8 /dev/random | wc -c
echo x | tee /dev/full 2>&1 > /dev/null | grep -c 'No space left'
echo through >> /dev/stdout
echo in | cat /dev/stdin /dev/fd/0`;
    expect(await mode.output(["run", "sh", "-c", script])).toBe(
      "0\n 00 00 00\n8\n8\n1\nthrough\nin\n",
    );
  });

  mode.rule("nothing can be added to /dev or taken away", async () => {
    const result = await mode.run([
      "run",
      "sh",
      "-c",
      "cp /bin/true /dev/x; mkdir /dev/d; rm -f /dev/null; mv /dev/zero /dev/one; ln -s null /dev/nil; ls /dev; stat -c %a /dev",
    ]);
    expect(result.stderr.trim().split("\n")).toHaveLength(5);
    expect(result.stdout).toContain("null\n");
    expect(result.stdout).not.toMatch(/^(x|d|one|nil)$/m);
    expect(result.stdout).toEndWith("755\n");
  });

  mode.rule(
    "POSIX shared memory and semaphores work, and are the instance's own",
    async () => {
      const name = `selfdock-test-${process.pid}`;
      const script = `
import multiprocessing, os, sys
from multiprocessing import shared_memory
def child(queue, semaphore):
    with semaphore: queue.put(os.getpid())
queue, semaphore = multiprocessing.Queue(), multiprocessing.Semaphore(1)
process = multiprocessing.Process(target=child, args=(queue, semaphore))
process.start(); print(queue.get() == process.pid); process.join()
memory = shared_memory.SharedMemory(name="${name}", create=True, size=4096)
memory.buf[0] = 42
again = shared_memory.SharedMemory(name="${name}")
print(again.buf[0], os.listdir("/dev/shm") == ["${name}"])
sys.stdout.flush(); os._exit(0)
`;
      expect(await mode.output(["run", "python3", "-c", script])).toBe(
        "True\n42 True\n",
      );
      expect(existsSync(`/dev/shm/${name}`)).toBe(false);
    },
  );

  mode.rule("pseudo-terminals work, and are the instance's own", async () => {
    const script = `
import os, pty
master, slave = pty.openpty()
print(os.ttyname(slave), os.isatty(slave), oct(os.stat("/dev/ptmx").st_mode & 0o666))
os.write(slave, b"through"); print(os.read(master, 7).decode())
print(sorted(os.listdir("/dev/pts")))
child, terminal = pty.fork()
if child == 0: os.execvp("tty", ["tty"])
print(os.read(terminal, 99).decode().strip())
`;
    const [first, second, third, fourth] = (
      await mode.output(["run", "python3", "-c", script])
    ).split("\n");
    expect(first).toBe("/dev/pts/0 True 0o666");
    expect(second).toBe("through");
    expect(third).toMatch(/^\['0'(, 'ptmx')?\]$/);
    expect(fourth).toBe("/dev/pts/1");
  });

  mode.rule(
    "a device of the host's works with -v /dev /dev, and not without",
    async () => {
      const room = makeRoom({ dev: {} });
      // A /dev with one device more than an instance has; nobody else sees it.
      const script = `
mount -t tmpfs -o mode=755 none "$1/dev"
for name in null zero full random urandom tty; do cp -a /dev/$name "$1/dev/"; done
mkdir "$1/dev/pts" "$1/dev/shm"
mknod -m 666 "$1/dev/probe" c 1 5
mount --move "$1/dev" /dev`;
      const before = hostWith(script, [room]);
      const read = ["run", "head", "-c", "2", "/dev/probe"];
      expect(
        await mode.output(["-v", "/dev", "/dev", ...read], { before }),
      ).toBe("\0\0");
      const without = await mode.run(read, { before });
      expect(without).toMatchObject({ status: 1, stdout: "" });
      expect(without.stderr).toContain("No such file or directory");
    },
  );

  mode.rule(
    "with -v /dev /dev the host's own devices are there, and the caller gains none",
    async () => {
      const outside = (await runOutside(["/bin/ls", "-A", "/dev"])).stdout;
      expect(
        await mode.output(["-v", "/dev", "/dev", "run", "ls", "-A", "/dev"]),
      ).toBe(outside);
      const disk = outside
        .split("\n")
        .find((name) => /^(vda|sda|kmsg|mem|port)$/.test(name))!;
      const open = await mode.run([
        "-v",
        "/dev",
        "/dev",
        "run",
        "dd",
        `if=/dev/${disk}`,
        "count=1",
      ]);
      expect(open.status).toBe(1);
      expect(
        (await runOutside(["/usr/bin/dd", `if=/dev/${disk}`, "count=1"]))
          .status,
      ).toBe(1);
    },
  );

  mode.rule("a device in a root of the user's own is dead", async () => {
    const room = makeRoom();
    await runOutside(
      ["/usr/bin/mknod", "-m", "666", join(room, "zero"), "c", "1", "5"],
      { user: 0 },
    );
    expect(
      (await runOutside(["/usr/bin/head", "-c1", join(room, "zero")])).stdout,
    ).toBe("\0");
    expect(
      (await mode.run(["run", "head", "-c1", join(room, "zero")])).stderr,
    ).toContain("Permission denied");
  });
});

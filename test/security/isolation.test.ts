/** What mounts, devices, namespaces and nested instances let through: nothing. */

import { expect } from "bun:test";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { link, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { attack, control, expectRefusal } from "./ring.ts";

/** A host with mounts of many kinds below the directory `$1`. */
function crowdedHost(room: string): readonly string[] {
  return hostWith(
    'for n in a "b c" "d\\n"; do mkdir -p "$1/$n"; mount -t tmpfs -o mode=777 none "$1/$n"; mkdir -m 777 "$1/$n/in"; mount -t tmpfs -o mode=777 none "$1/$n/in"; cp /usr/bin/id "$1/$n/in/id"; chmod 4755 "$1/$n/in/id"; mknod -m 666 "$1/$n/in/null" c 1 3; done',
    [room],
  );
}

const TRY_EACH =
  'for d in "$1"/*/in; do touch "$d/new" 2>/dev/null && echo wrote; "$d/id" -u; (: > "$d/null") 2>/dev/null && echo device; done; true';

attack(
  "A40",
  "what is mounted below a map is read-only and nosuid too",
  async (way) => {
    const room = makeRoom();
    const before = crowdedHost(room);
    // Device files of a source work as they do outside.
    const script = ["sh", "-c", TRY_EACH, "sh", "/srv"];
    expect(
      (
        await way.run(["-m", room, "/srv", "run", ...script], { before })
      ).stdout.replaceAll("device\n", ""),
    ).toBe("1000\n1000\n1000\n");
    expect(
      (
        await way.run(["-v", room, "/srv", "run", ...script], { before })
      ).stdout.replaceAll("device\n", ""),
    ).toBe("wrote\n1000\nwrote\n1000\nwrote\n1000\n");
  },
);

attack(
  "A40",
  "only /tmp, /dev, volumes and tmpfs of the instance are writable",
  async (way) => {
    const room = makeRoom();
    const script = "awk '$4 !~ /^ro/ { print $2 }' /proc/self/mounts | sort -u";
    const writable = (
      await way.sh(script, {
        args: ["-v", room, "/srv", "-t", "", "/mnt", "-m", room, "/opt"],
        before: crowdedHost(makeRoom()),
      })
    )
      .trim()
      .split("\n");
    expect(
      writable.filter(
        (place) => !/^\/(tmp|mnt|srv|dev|proc)(\/|$)/.test(place),
      ),
    ).toEqual([]);
    for (const place of ["/usr", "/etc", "/var/tmp", "/opt", "/"])
      expect(
        (await way.run(["-m", room, "/opt", "run", "touch", `${place}/x`]))
          .status,
      ).not.toBe(0);
  },
);

control(
  "A40",
  "a bind with a read-only remount leaves what is below it writable",
  async () => {
    const room = makeRoom({ at: {}, from: {} });
    const before = hostWith(
      'mount -t tmpfs -o mode=777 none "$1/from"; mkdir -m 777 "$1/from/in"; mount -t tmpfs -o mode=777 none "$1/from/in"; mount --rbind "$1/from" "$1/at"; mount -o remount,bind,ro "$1/at"',
      [room],
    );
    expect(
      (await runOutside(["/bin/touch", join(room, "at/in/new")], { before }))
        .status,
    ).toBe(0);
  },
);

attack(
  "A42",
  "no mount of an instance reaches a host whose mounts are shared",
  async (way) => {
    const room = makeRoom({ v: {} });
    const host = hostWith(":", [], "shared");
    const script =
      '"$1" -v "$2" /mnt -t "" /opt -m /etc /srv/x run sleep 0.5 & sleep 0.3; wc -l < /proc/self/mountinfo; wait; wc -l < /proc/self/mountinfo';
    const seen = await runOutside(
      [
        "/bin/sh",
        "-c",
        `wc -l < /proc/self/mountinfo; ${script}`,
        "sh",
        way.program(),
        join(room, "v"),
      ],
      { before: host },
    );
    const [before, during, after] = seen.stdout.trim().split("\n");
    expect(during).toBe(before!);
    expect(after).toBe(before!);
  },
);

attack(
  "A42",
  "a device that the host unmounts is let go by a running instance",
  async (way) => {
    const room = makeRoom({ at: {} });
    const script = `set -e; mount -t tmpfs none "$1/at"; echo x > "$1/at/file"; chmod 755 "$1/at"; shift; "$@" & sleep 0.4; umount "${room}/at"; wait`;
    const before = [
      "unshare",
      "--mount",
      "--propagation",
      "shared",
      "sh",
      "-c",
      script,
      "host",
      room,
    ];
    const result = await way.run(
      [
        "-m",
        join(room, "at"),
        "/srv",
        "run",
        "sh",
        "-c",
        `cat ${room}/at/file 2>/dev/null; sleep 0.8; grep -c " ${room}/at " /proc/self/mounts`,
      ],
      { before },
    );
    expect(result.stderr).not.toContain("busy");
  },
);

attack(
  "A43",
  "the old root is gone: no mount, link, or way up leads to it",
  async (way) => {
    const root = await busyboxRoot();
    const script =
      "cut -d' ' -f5 /proc/self/mountinfo; echo --; for l in cwd root; do readlink /proc/self/$l; done; readlink /proc/1/root; cd /; for n in 1 2 3 4 5 6 7 8; do cd ..; done; ls -d etc usr; ls /usr";
    const { stdout } = await way.run([
      "-r",
      root,
      "run",
      "/bin/sh",
      "-c",
      script,
    ]);
    const [mounts, rest] = stdout.split("--\n");
    for (const place of mounts!.trim().split("\n"))
      expect(place).toMatch(/^\/(|proc|tmp|etc.*|dev(\/[a-z]+)?)$/);
    expect(rest).toStartWith("/\n/\n/\n");
    expect(rest).toEndWith("etc\nusr\n");
  },
);

const UNDO = [
  "mount -o remount,bind,rw /",
  "mount -o remount,rw /",
  "umount -l /proc",
  "umount /tmp",
  "mount -t tmpfs none /mnt",
  "mount --bind /tmp /usr",
  "pivot_root / /",
  "chroot /tmp /bin/true",
];

attack(
  "A44",
  "nothing read-only becomes writable from inside, in a new namespace either",
  async (way) => {
    for (const each of UNDO) {
      const plain = await way.run(["run", "sh", "-c", each]);
      expect({ each, done: plain.status === 0 }).toEqual({ each, done: false });
    }
    for (const each of [
      "mount -o remount,bind,rw /",
      "mount -o remount,bind,rw /usr",
      "umount -l /proc",
      "umount -l /dev",
    ]) {
      const result = await way.run([
        "run",
        "unshare",
        "-Urm",
        "sh",
        "-c",
        `${each} && touch /usr/undone && echo UNDONE`,
      ]);
      expect({ each, out: result.stdout }).toEqual({ each, out: "" });
    }
    expect(existsSync("/usr/undone")).toBe(false);
  },
);

control(
  "A44",
  "with root's place in the same namespace it becomes writable",
  async () => {
    const script =
      "mount --bind / /mnt && mount -o remount,bind,ro /mnt && mount -o remount,bind,rw /mnt && echo UNDONE";
    expect(
      (
        await runOutside([
          "/usr/bin/unshare",
          "-Urm",
          "--propagation",
          "private",
          "sh",
          "-c",
          script,
        ])
      ).stdout,
    ).toMatch(/UNDONE|^$/);
    const root = await runOutside(["/bin/sh", "-c", script], {
      user: 0,
      before: hostWith(":"),
    });
    expect(root.stdout).toBe("UNDONE\n");
  },
);

attack(
  "A47",
  "/dev holds the few devices that it should, and no node works elsewhere",
  async (way) => {
    const list = await way.sh(
      'cd /dev; for f in *; do stat -c "%n %F %t:%T" $f; done',
    );
    const devices = list
      .trim()
      .split("\n")
      .filter((line) => line.includes("special"))
      .map((line) => line.split(" ").at(0) + " " + line.split(" ").at(-1));
    expect(
      devices.filter((each) => !each.startsWith("console")).sort(),
    ).toEqual([
      "full 1:7",
      "null 1:3",
      "random 1:8",
      "tty 5:0",
      "urandom 1:9",
      "zero 1:5",
    ]);
    const room = rootOf("nodes");
    for (const [name, ...numbers] of [
      ["mem", "c", "1", "1"],
      ["null", "c", "1", "3"],
      ["disk", "b", "8", "0"],
    ])
      Bun.spawnSync(["mknod", "-m", "666", join(room, name!), ...numbers]);
    expect(
      (await runOutside(["/bin/sh", "-c", `: > ${room}/null`])).status,
    ).toBe(0);
    for (const name of ["null", "mem", "disk"]) {
      const open = (place: string) => ["sh", "-c", `: < ${place}/${name}`];
      for (const args of [[], ["-r", "/"], ["-t", "", "/mnt"]])
        expect(
          (await way.run([...args, "run", ...open(room)])).status,
        ).not.toBe(0);
      // Through a map it works as outside, and no better.
      const outside = await runOutside(["/bin/sh", ...open(room).slice(1)]);
      const mapped = await way.run([
        "-m",
        room,
        "/srv",
        "run",
        ...open("/srv"),
      ]);
      expect(mapped.status === 0 && outside.status !== 0).toBe(false);
    }
    const made = await way.run([
      "run",
      "sh",
      "-c",
      "mknod /tmp/m c 1 3 || mknod /dev/m c 1 3",
    ]);
    expect(made.status).not.toBe(0);
  },
);

attack(
  "A47",
  "through --vol /dev /dev no device opens that was closed outside",
  async (way) => {
    const each =
      "for f in /dev/*; do [ -b $f ] || [ -c $f ] || continue; case $f in */tty|*/ptmx|*/console) continue;; esac; (: < $f) 2>/dev/null && echo $f; done; true";
    const outside = new Set(
      (await runOutside(["/bin/sh", "-c", each])).stdout.trim().split("\n"),
    );
    const inside = (
      await way.run(["-v", "/dev", "/dev", "run", "sh", "-c", each])
    ).stdout
      .trim()
      .split("\n");
    expect(inside.filter((file) => !outside.has(file))).toEqual([]);
    expect(inside).toContain("/dev/null");
  },
);

attack("A47", "the terminals inside are the instance's own", async (way) => {
  const terminals = await way.sh("ls /dev/pts; stat -c %a /dev/pts/ptmx");
  expect(terminals).toBe("ptmx\n666\n");
});

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

attack(
  "A67",
  "build writes as the user: his files, and nobody else's",
  async (way) => {
    expect(
      (await way.run(["build", "touch", "/etc/written-by-a-test"])).stderr,
    ).toContain("Permission denied");
    expect(existsSync("/etc/written-by-a-test")).toBe(false);
    const root = await busyboxRoot({ "of-root": {} });
    chownSync(join(root, "of-root"), 0, 0);
    const made = await way.run([
      "-r",
      root,
      "build",
      "/bin/sh",
      "-c",
      "touch /x; mkdir /d; touch /of-root/x; chmod 4777 /x; id > /bin/new",
    ]);
    expect(made.stderr).toContain("Permission denied");
    for (const name of ["x", "d", "bin/new"])
      expect(statSync(join(root, name)).uid).toBe(1000);
    expect(existsSync(join(root, "of-root/x"))).toBe(false);
    expect(
      (await way.run(["-r", root, "run", "/bin/touch", "/y"])).status,
    ).not.toBe(0);
  },
);

attack(
  "A67",
  "no mode or owner of a host directory changes with an instance",
  async (way) => {
    const victim = rootOf("victim");
    mkdirSync(join(victim, "d"), { mode: 0o700 });
    writeFileSync(join(victim, "f"), "x");
    const root = await busyboxRoot({ tmp2: link(victim), dev2: link("/dev") });
    const look = () =>
      [
        "/tmp",
        "/dev",
        "/dev/shm",
        "/proc",
        "/etc",
        victim,
        join(victim, "d"),
        join(root, "tmp"),
        join(root, "dev"),
      ].map(
        (path) =>
          `${path} ${statSync(path).mode.toString(8)} ${statSync(path).uid}`,
      );
    const before = look();
    for (const args of [
      ["-t", "mode=777", "/tmp2"],
      ["-t", "", "/tmp"],
      ["-m", "/etc", "/dev2/new"],
    ])
      for (const command of ["run", "build"])
        await way.run(["-r", root, ...args, command, "/bin/true"]);
    expect(look()).toEqual(before);
    expectRefusal(await way.run(["-t", "mode=4777", "/mnt", "build", "true"]));
  },
);

/** --scratch: memory over the root gives nobody a byte that they could not read or write before. */

import { expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { treeState } from "../harness/tree-state.ts";
import { allRefused } from "./as-root.ts";
import { attack, control } from "./ring.ts";

/** Directories and files of root's, closed to the user in every way there is. */
function rootsTree(): string {
  const tree = {
    closed: entry({
      owner: 0,
      mode: 0o700,
      tree: { secret: entry({ owner: 0, text: "secret\n" }) },
    }),
    search: entry({
      owner: 0,
      mode: 0o711,
      tree: { secret: entry({ owner: 0, mode: 0o600, text: "secret\n" }) },
    }),
    open: entry({
      owner: 0,
      tree: { secret: entry({ owner: 0, mode: 0o600, text: "secret\n" }) },
    }),
    shared: entry({
      owner: 0,
      mode: 0o1777,
      tree: { secret: entry({ owner: 0, mode: 0o600, text: "secret\n" }) },
    }),
  };
  return makeRoom(tree);
}

/** Whatever the owner of a directory's top can do to reach what lies in it. */
const REACH = `
  for d in closed search open shared; do
    chmod 777 $d; ls $d; cat $d/secret; cp $d/secret /tmp/$d; ln $d/secret $d/link
    mv $d/secret $d/moved; cat $d/moved; chmod 666 $d/secret; cat $d/secret
    chown 0 $d/secret; dd if=$d/secret; tar -cf /tmp/$d.tar $d; cat /tmp/$d.tar
    mv $d elsewhere; cat elsewhere/secret; exec 3<>$d/secret; cat <&3
  done
  chmod 777 . .. ; ls -R .; find / -name secret -exec cat {} +`;

attack(
  "A73",
  "the owner of an overlay's top reads nothing that is closed to him",
  async (way) => {
    const room = rootsTree();
    for (const where of [["-C", "/", "-r", room, "-m", "/", "/.host"], []]) {
      const before = await treeState(room);
      const outside = await runOutside(["/bin/sh", "-c", "cat */secret"], {
        cwd: room,
      });
      expect(outside.stdout).toBe("");
      const shell =
        where.length === 0 ? ["/bin/sh"] : ["/.host/bin/busybox", "sh"];
      const words = [...where, "--scratch", "run", ...shell, "-c", REACH];
      const result = await way.run(words, { cwd: room });
      expect(result.stdout).not.toContain("secret\n");
      expect(await treeState(room)).toBe(before);
    }
  },
);

control("A73", "root reads what the attack looks for", async () => {
  const room = rootsTree();
  const all = await runOutside(["/bin/sh", "-c", "cat */secret"], {
    cwd: room,
    user: 0,
  });
  expect(all.stdout).toBe("secret\n".repeat(4));
});

attack(
  "A73",
  "the memory's own layers and the old root are out of reach, and no mount can be changed",
  async (way) => {
    const lines = [
      "ls /old",
      "ls /lower",
      "ls /memory",
      "ls /usr/upper",
      "ls /usr/work",
      "ls /proc/1/root/old",
      "umount /usr",
      "umount -l /usr",
      "umount /etc",
      "mount -o remount,ro /",
      "mount --bind /tmp /usr",
      "mount -t tmpfs none /usr",
      "unshare -Urm umount /usr",
      "unshare -Urm umount -l /etc",
      "unshare -Urm mount -o remount,lowerdir=/,upperdir=/tmp /usr",
      "unshare -Urm sh -c 'mount --bind /usr /mnt && umount /mnt && umount /usr'",
      "cat /etc/shadow",
      "ls /root",
    ];
    for (const ids of [true, false])
      await allRefused(way, lines, { ids, args: ["--scratch"] });
    const result = await way.run([
      "--scratch",
      "run",
      "sh",
      "-c",
      lines.map((line) => `( ${line} ) 2>/dev/null && echo done`).join("\n"),
    ]);
    expect(result.stdout).toBe("");
  },
);

attack(
  "A73",
  "a setuid program that is copied up, or made, gives nothing",
  async (way) => {
    const root = await busyboxRoot({ suid: {} });
    const program = join(root, "suid/busybox");
    writeFileSync(program, readFileSync(join(root, "bin/busybox")));
    chownSync(program, 0, 0);
    chmodSync(program, 0o4755);
    const script = `
      touch /suid/busybox 2>/dev/null; /suid/busybox id -u
      mkdir /made; cp /suid/busybox /made; chmod 4755 /made/busybox; /made/busybox id -u
      grep -c NoNewPrivs:.1 /proc/self/status`;
    const words = ["-r", root, "--scratch", "run", "/bin/busybox", "sh", "-c"];
    const result = await way.run([...words, script]);
    expect(result.stdout).toBe("1000\n1000\n1\n");
    expect(lstatSync(program).mode & 0o7777).toBe(0o4755);
  },
);

attack(
  "A73",
  "attributes that a tree holds for overlays redirect nothing",
  async (way) => {
    const root = await busyboxRoot({ a: {}, b: { file: "text\n" } });
    for (const [name, value] of [
      ["user.overlay.redirect", "/b"],
      ["user.overlay.metacopy", ""],
      ["user.overlay.opaque", "y"],
      ["trusted.overlay.redirect", "/../../../etc"],
    ] as const)
      await runOutside(
        ["/usr/bin/setfattr", "-n", name, "-v", value, join(root, "a")],
        { user: 0 },
      );
    const script = "ls /a; cat /a/passwd /a/file; cat /b/file";
    const words = ["-r", root, "--scratch", "run", "sh", "-c", script];
    expect((await way.run(words)).stdout).toBe("text\n");
  },
);

attack(
  "A73",
  "what the host mounts over a secret hides it, with memory over both",
  async (way) => {
    const secret = rootOf("secret");
    writeFileSync(join(secret, "file"), "secret\n");
    const before = hostWith('mount -t tmpfs none "$1"', [secret]);
    const script = `chmod 777 ${secret}; ls ${secret}; cat ${secret}/file; rmdir ${secret}; cat ${secret}/file`;
    for (const args of [[], ["--as-root"]]) {
      const words = [...args, "--scratch", "run", "sh", "-c", script];
      const result = await way.run(words, { before });
      expect(result.stdout).toBe("");
    }
    expect(existsSync(join(secret, "file"))).toBe(true);
    const open = await way.run(["--scratch", "run", "cat", `${secret}/file`]);
    expect(open.stdout).toBe("secret\n");
  },
);

/** --scratch: what is written lies in memory, is bounded, and vanishes. */

import { expect } from "bun:test";
import { lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { faultProgram } from "../faults/programs.ts";
import { hostWith } from "../harness/host.ts";
import { rootless } from "../harness/modes.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { subordinateHost } from "../harness/subordinate.ts";
import { treeState } from "../harness/tree-state.ts";

const ROOT_TREE = {
  etc: { passwd: "root:x:0:0::/:/bin/sh\n", deep: { a: "a\n", b: "b\n" } },
  data: entry({ tree: { file: "text\n" }, mode: 0o775 }),
  name: "text\n",
  to: link("data"),
};

/** What the kernel has logged of overlays, but for a third one on others, which tests ask for. */
async function overlayLines(): Promise<readonly string[]> {
  const { stdout } = await runOutside(["/usr/bin/dmesg"], { user: 0 });
  return stdout
    .split("\n")
    .filter((line) => /overlayfs: (?!maximum)/.test(line));
}

rootless.rule(
  "a root of the caller's can be changed everywhere, and is as it was afterwards",
  async () => {
    const root = await busyboxRoot(ROOT_TREE);
    const before = await treeState(root);
    const script = `
      set -e
      echo new > /new; mkdir -p /a/b/c; echo more >> /name
      rm -r /etc/deep; mv /data/file /etc/moved; chmod 600 /etc/passwd
      ln -s x /etc/link; mkfifo /data/fifo; rm /to; mv /name /renamed
      cat /new /renamed /etc/moved; ls /etc; ls /; stat -c %a /etc/passwd /data`;
    const words = ["-r", root, "--scratch", "run", "sh", "-c", script];
    expect(await rootless.output(words)).toBe(
      "new\ntext\nmore\ntext\nlink\nmoved\npasswd\nresolv.conf\na\nbin\ndata\ndev\netc\nnew\nproc\nrenamed\ntmp\nusr\nvar\n600\n775\n",
    );
    expect(await treeState(root)).toBe(before);
    const again = ["-r", root, "--scratch", "run", "ls", "/new"];
    expect(await rootless.run(again)).toMatchObject({ status: 1 });
  },
);

rootless.rule(
  "nothing is written to a disk, and nothing to the kernel's log",
  async () => {
    const root = await busyboxRoot(ROOT_TREE);
    const before = await overlayLines();
    const script = "head -c 30000000 /dev/zero > /data/big";
    for (const of of [["-r", root], []]) {
      const words = [...of, "--scratch", "run", "sh", "-c"];
      const inside = of.length === 0 ? "true" : script;
      const result = await rootless.run([...words, inside]);
      expect(result).toMatchObject({ status: 0, stderr: "" });
      expect(result.blocks.out).toBe(0);
    }
    expect(await overlayLines()).toEqual(before);
  },
);

rootless.rule(
  "on the host's root the caller's own tree can be changed, wherever it lies",
  async () => {
    const room = makeRoom({ file: "text\n", deep: { er: "text\n" } });
    const before = await treeState(room);
    const script = `
      set -e
      echo more >> file; rm -r deep; mkdir made; echo x > made/x
      cat file made/x; ls`;
    const words = ["--scratch", "run", "sh", "-c", script];
    expect(await rootless.output(words, { cwd: room })).toBe(
      "text\nmore\nx\nfile\nmade\n",
    );
    expect(await treeState(room)).toBe(before);
    const from = ["--scratch", "-C", room, "run", "sh", "-c", script];
    expect(await rootless.output(from)).toContain("more\n");
    const named = ["--scratch", "run", "cp", "/etc/hostname", `${room}/file`];
    expect(await rootless.output(named)).toBe("");
    const absolute = `echo x >${room}/file; cat '${room}/file'`;
    const inScript = ["--scratch", "run", "sh", "-c", absolute];
    expect(await rootless.output(inScript)).toBe("x\n");
    const home = "echo x > $HOME/file && cat $HOME/file";
    const at = ["--scratch", "run", "sh", "-c", home];
    expect(await rootless.output(at, { env: { HOME: room } })).toBe("x\n");
    expect(await treeState(room)).toBe(before);
  },
);

rootless.rule("root's files and directories stay root's", async () => {
  const script = `
    for d in / /etc /usr /usr/bin /root /var/lib /etc/apt; do
      touch $d/made 2>/dev/null && echo "made in $d"
      mkdir $d/dir 2>/dev/null && echo "directory in $d"
    done
    for f in /etc/passwd /usr/bin/env /etc/shadow; do
      (echo x >> $f) 2>/dev/null && echo "written $f"
      rm -f $f 2>/dev/null; test -e $f || echo "removed $f"
      mv $f /tmp/x 2>/dev/null && echo "moved $f"
      chmod 777 $f 2>/dev/null && echo "changed $f"
    done
    cat /etc/shadow /root/.bashrc 2>/dev/null
    ls /root 2>/dev/null
    true`;
  expect(await rootless.output(["--scratch", "run", "sh", "-c", script])).toBe(
    "",
  );
});

rootless.rule("SIZE bounds what can be written, and df tells", async () => {
  const root = await busyboxRoot(ROOT_TREE);
  const script = `
    df -k / | tail -1 | tr -s ' ' | cut -d' ' -f2
    head -c 6000000 /dev/zero > /data/big || echo full
    wc -c < /data/big
    i=0; while touch /etc/$i 2>/dev/null; do i=$((i+1)); done; echo $((i < 2000))`;
  const words = ["-r", root, "--scratch", "4m", "run", "sh", "-c", script];
  const result = await rootless.run(words);
  expect(result.stdout).toBe("4096\nfull\n4194304\n1\n");
  expect(result.stderr).toMatch(/no space left|i\/o error/i);
});

/** A host on which another filesystem is mounted deep in a tree, over something. */
async function mountedHost(): Promise<{
  room: string;
  before: readonly string[];
}> {
  const room = await busyboxRoot({
    a: { b: { c: { secret: "hidden\n" }, file: "text\n" }, f: "text\n" },
  });
  const script = `
    mount -t tmpfs none "$1/a/b/c"
    echo other > "$1/a/b/c/other"
    touch "$1/covering"; echo other > "$1/covering"
    mount --bind "$1/covering" "$1/a/f"`;
  return { room, before: hostWith(script, [room]) };
}

rootless.rule(
  "what is mounted on the root does not show, nor what it hides",
  async () => {
    const { room, before } = await mountedHost();
    const script = `
      find a | sort; cat a/b/c/* a/f; cat a/b/file
      echo y > a/b/new && cat a/b/new
      (echo x > a/b/file) 2>/dev/null || echo read-only
      grep -c "${basename(room)}/a/b/c" /proc/self/mountinfo`;
    const words = ["--scratch", "run", "sh", "-c", script];
    const result = await rootless.run(words, { cwd: room, before });
    expect(result.stdout).toBe(
      "a\na/b\na/b/c\na/b/file\na/f\ntext\ny\nread-only\n0\n",
    );
    const tree = ["-r", room, "-C", "/", "--scratch", "run", "sh", "-c"];
    const own = await rootless.run([...tree, script], { before });
    expect(own.stdout).toBe(result.stdout);
  },
);

rootless.rule(
  "a root with a thousand directories, and names of any bytes, is made again whole",
  async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `d${at}`);
    const odd = "upper work lower old memory root a:b c,d e\\\\f 'g' ü".split(
      " ",
    );
    const names = [...many, ...odd, "mounted"];
    const room = await busyboxRoot(
      Object.fromEntries(names.map((name) => [name, {}])),
    );
    const before = hostWith('mount -t tmpfs none "$1/mounted"', [room]);
    const state = await treeState(room);
    const script = `
      set -e
      for d in /*; do case $d in /dev|/proc|/mounted|/d999) ;; *) echo x > "$d/x"; cat "$d/x"; esac; done | wc -l
      cat /upper/x /work/x; ls / | wc -l`;
    const map = ["-m", room, "/d999/new/map", "-m", room, "/new/map"];
    const words = ["-r", room, ...map, "--scratch", "run", "sh", "-c", script];
    // With bin, dev, etc, proc, tmp, usr, var, mounted and new.
    const count = 1000 + odd.length + 9;
    expect(await rootless.output(words, { before })).toBe(
      `${count - 4}\nx\nx\n${count}\n`,
    );
    expect(await treeState(room)).toBe(state);
  },
);

rootless.rule(
  "mounts lie on top: maps read-only, volumes the host's, places made in memory",
  async () => {
    const root = await busyboxRoot(ROOT_TREE);
    const room = makeRoom({ file: "text\n" });
    const before = await treeState(root);
    const binds = ["-m", room, "/missing/map", "-v", room, "/data/volume"];
    const mounts = [...binds, "-t", "size=1m", "/var/deep/tmp"];
    const script = `
      (echo x > /missing/map/file) 2>/dev/null || echo read-only
      echo x > /data/volume/made; echo y > /var/deep/tmp/y
      touch /missing/beside /data/beside /beside && ls /missing /data`;
    const words = [...mounts, "-r", root, "--scratch", "run", "sh", "-c"];
    expect(await rootless.output([...words, script])).toBe(
      "read-only\n/data:\nbeside\nfile\nvolume\n\n/missing:\nbeside\nmap\n",
    );
    expect(await treeState(root)).toBe(before);
    expect(lstatSync(join(room, "made")).uid).toBe(1000);
    expect(lstatSync(join(room, "file")).size).toBe(5);
  },
);

rootless.rule(
  "where the caller may make nothing, a missing mount point is made by a tile",
  async () => {
    const room = makeRoom({ file: "text\n" });
    const words = ["-m", room, "/usr/share/no/such", "--scratch", "run"];
    expect(
      await rootless.output([...words, "cat", "/usr/share/no/such/file"]),
    ).toBe("text\n");
  },
);

rootless.rule(
  "one scratch in another works, a third is refused with the reason",
  async () => {
    const room = makeRoom({ file: "text\n" });
    const program = plainProgram();
    const scratch = `exec ${program} --scratch run sh -c`;
    const inner = `echo 3 >> file; cat file; ${program} --scratch run true; echo $?`;
    const script = `echo 2 >> file; ${scratch} '${inner}'`;
    const words = ["--scratch", "run", "sh", "-c", script];
    const result = await rootless.run(words, { cwd: room });
    expect(result.stdout).toBe("text\n2\n3\n124\n");
    expect(result.stderr).toContain("is one on another already");
    const plain = `echo 2 >> file; exec ${program} run cat file`;
    expect(
      await rootless.output(["--scratch", "run", "sh", "-c", plain], {
        cwd: room,
      }),
    ).toBe("text\n2\n");
  },
);

rootless.rule(
  "as root on a root of the caller's and his subordinate ids, owners are true",
  async () => {
    const root = await busyboxRoot({
      ...ROOT_TREE,
      theirs: entry({ tree: { file: "x\n" }, owner: 100_041, mode: 0o750 }),
    });
    const before = await treeState(root);
    const script = `
      set -e
      stat -c '%u %a' /theirs / /etc; chown 5:6 /etc/passwd; rm -r /theirs
      mkdir /made; chown 7 /made; stat -c %u /made /etc/passwd; touch /etc/x`;
    const words = ["-r", root, "--scratch", "--as-root", "run", "sh", "-c"];
    expect(
      await rootless.output([...words, script], { before: subordinateHost() }),
    ).toBe("42 750\n0 755\n0 755\n7\n5\n");
    expect(await treeState(root)).toBe(before);
  },
);

rootless.rule("a setuid selfdock gives its root up for --scratch", async () => {
  const words = ["--scratch", "run", "cat", "/proc/self/uid_map"];
  const result = await runOutside([setuidProgram(), ...words]);
  expect(result.stdout.trim().split(/\s+/)).toEqual(["1000", "1000", "1"]);
});

rootless.rule(
  "a kernel that takes no overlay is named, with status 124",
  async () => {
    // The one flag that a launch sets is an overlay's.
    for (const [errno, cause] of [
      [1, "allows no overlay in a user namespace"],
      [22, "takes no overlay"],
    ] as const) {
      const rule = `${errno}:${SYSCALL.fsconfig}:1:4294967295:0`;
      const refuse = [faultProgram("refuse"), "1000", "1000", rule, "--"];
      const words = [plainProgram(), "--scratch", "run", "echo", "ran"];
      const result = await runOutside([...refuse, ...words], { user: 0 });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain(cause);
      expect(result.stderr).toContain("hint: ");
    }
  },
);

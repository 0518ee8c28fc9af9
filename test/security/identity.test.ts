/** Who the command is and stays, what it may use of the terminal and the keyrings, and setuid programs inside. */

import { expect } from "bun:test";
import { chmodSync, chownSync, copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { runPhases } from "./phases.ts";
import { attacker } from "./programs.ts";
import { attack, control, type Inside, type Way } from "./ring.ts";

const NONE = "0000000000000000";

async function expectPowerless(way: Way, options: Inside = {}): Promise<void> {
  const status = await way.sh("cat /proc/self/status", options);
  const field = (name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim();
  for (const name of ["Uid", "Gid"])
    expect(field(name)).toBe("1000\t1000\t1000\t1000");
  for (const name of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
    expect(`${name} ${field(name)}`).toBe(`${name} ${NONE}`);
  expect(field("NoNewPrivs")).toBe("1");
  expect(field("Seccomp")).toBe("2");
}

attack(
  "A49",
  "ids are the user's, all capability sets are empty, no_new_privs is set",
  async (way) => {
    for (const command of ["run", "build"] as const)
      await expectPowerless(way, { command });
    await expectPowerless(way, { args: ["--rootless"] });
  },
);

attack("A49", "no id comes back, by any call", async (way) => {
  const script = `
import os
tries = [lambda: os.setresuid(-1,0,-1), lambda: os.setresuid(0,0,0), lambda: os.seteuid(0), lambda: os.setuid(0),
  lambda: os.setresgid(-1,0,-1), lambda: os.setgid(0), lambda: os.setgroups([]), lambda: os.setgroups([0]), lambda: os.setresuid(4321,4321,4321)]
for each in tries:
    try: each(); print("taken")
    except OSError as error: print("refused")
print(os.getresuid(), os.getresgid())`;
  const result = await way.run(["run", "python3", "-c", script]);
  expect(result.stdout).toBe(
    `${"refused\n".repeat(9)}(1000, 1000, 1000) (1000, 1000, 1000)\n`,
  );
});

attack(
  "A49",
  "a limit of no processes changes nothing about the ids",
  async (way) => {
    for (const soft of [0, 1]) {
      const result = await way.run(["run", helper("state")], {
        limits: [[6, soft, soft]],
      });
      // Bun itself aborts where it can start no thread; then nothing has run.
      if (result.status === 0) expect(result.stdout).toContain("umask");
      else expect(result.stdout).toBe("");
    }
  },
);

for (const [name, number] of [
  ["setresuid", 117],
  ["capset", 126],
  ["prctl", 157],
  ["seccomp", 317],
] as const) {
  attack(
    "A49",
    `a ${name} of the child that fails ends the launch`,
    async (way) => {
      const { lines } = await runPhases(way, "list", ["run", "true"]);
      const child = lines.filter(([who]) => who === "child");
      const own = child
        .map(([, call], index) => ({ call: Number(call), index }))
        .filter(({ call }) => call === number);
      if (way.name === "setuid" || name !== "setresuid")
        expect(own.length).toBeGreaterThan(0);
      const chosen =
        own.length > 8
          ? [
              own[0]!,
              own[1]!,
              own[2]!,
              own[3]!,
              own.at(-3)!,
              own.at(-2)!,
              own.at(-1)!,
            ]
          : own;
      for (const { index } of chosen) {
        const { result, executed } = await runPhases(way, `fail:${index}:11`, [
          "run",
          "true",
        ]);
        expect({ index, executed, status: result.status }).toEqual({
          index,
          executed: false,
          status: 124,
        });
      }
    },
  );
}

for (const groups of [[], [1000], [27, 1000, 4321], [65534]]) {
  attack(
    "A50",
    `the groups [${groups.join(" ")}] are the caller's, as the host shows them`,
    async (way) => {
      const running = way.start(["run", "sleep", "20"], { groups });
      let pid = 0;
      await waitUntil("the command runs", () => {
        pid =
          descendants(running.pid).find(
            (each) => statusField(each, "Name") === "sleep",
          ) ?? 0;
        return pid !== 0;
      });
      expect(statusField(pid, "Groups")?.trim()).toBe(groups.join(" "));
      running.kill("SIGKILL");
      await running.ended;
      if (way.name === "setuid") {
        const inside = await way.run(["run", "id", "-G"], { groups });
        expect(inside.stdout).toBe(
          (await runOutside(["/usr/bin/id", "-G"], { groups })).stdout,
        );
      }
    },
  );
}

attack(
  "A50",
  "groups cannot be dropped to pass a file that keeps a group out",
  async (way) => {
    const room = makeRoom({ file: "for others" });
    chownSync(join(room, "file"), 0, 27);
    chmodSync(join(room, "file"), 0o604);
    const read = ["run", "cat", join(room, "file")];
    expect((await way.run(read, { groups: [27] })).stderr).toContain(
      "Permission denied",
    );
    expect((await way.run(read, { groups: [4] })).stdout).toBe("for others");
  },
);

/** Runs COMMAND on a terminal of its own as the user; gives what the shell behind it was typed. */
async function onTerminal(command: readonly string[]): Promise<string> {
  let screen = "";
  const setpriv = [
    "setpriv",
    "--reuid",
    "1000",
    "--regid",
    "1000",
    "--clear-groups",
  ];
  const shell = '"$@"; stty -echo; read -r -t 1 line; echo "typed<$line>"';
  const child = Bun.spawn(
    [...setpriv, "bash", "-c", shell, "bash", ...command],
    {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", TERM: "dumb" },
      terminal: {
        cols: 200,
        rows: 24,
        data: (_terminal, data) => (screen += Buffer.from(data).toString()),
      },
    },
  );
  await child.exited;
  child.terminal!.close();
  return screen;
}

attack(
  "A51",
  "nothing is typed into the terminal, however the request is dressed",
  async (way) => {
    const screen = await onTerminal([way.program(), "run", attacker("type")]);
    expect(screen).toContain("typed<>");
    expect(screen).toMatch(/plain: E/);
    expect(screen).not.toContain(": done");
  },
);

control(
  "A51",
  "the same program types into a terminal without selfdock",
  async () => {
    const before = readFileSync(
      "/proc/sys/dev/tty/legacy_tiocsti",
      "utf8",
    ).trim();
    const screen = await onTerminal([attacker("type")]);
    if (before === "1") expect(screen).toContain("typed<owned>");
    else expect(screen).toContain("plain: EIO");
  },
);

attack(
  "A51",
  "the calls on keyrings are refused by every table of calls",
  async (way) => {
    const { stdout } = await way.run(["run", helper("calls")]);
    const lines = stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      if (/TCGETS|^i386 getpid/.test(line)) expect(line).not.toContain("EPERM");
      else expect(line).not.toMatch(/allowed|EBADF|EOPNOTSUPP|EFAULT|EINVAL/);
    }
    expect((await runOutside([helper("calls")])).stdout).toContain(
      "TIOCSTI EBADF",
    );
  },
);

attack(
  "A52",
  "inheritable and ambient capabilities of the caller do not come in",
  async (way) => {
    const setpriv = [
      "setpriv",
      "--reuid",
      "1000",
      "--regid",
      "1000",
      "--clear-groups",
      "--inh-caps",
      "+dac_override,+net_raw,+sys_admin",
      "--ambient-caps",
      "+dac_override,+net_raw,+sys_admin",
    ];
    const read = ["sh", "-c", "grep Cap /proc/self/status; cat /etc/shadow"];
    const inside = await runOutside(
      [
        Bun.which("setpriv")!,
        ...setpriv.slice(1),
        way.program(),
        "run",
        ...read,
      ],
      { user: 0 },
    );
    expect(
      inside.stdout
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[1]),
    ).toEqual([NONE, NONE, NONE, NONE, NONE]);
    const outside = await runOutside(
      [
        Bun.which("setpriv")!,
        ...setpriv.slice(1),
        ...["/bin/sh", ...read.slice(1)],
      ],
      { user: 0 },
    );
    expect(outside.stdout).toContain("root:");
  },
);

attack(
  "A56",
  "no key of another is possessed, and none can be asked for",
  async (way) => {
    const keys = await way.run(["run", "cat", "/proc/keys"]);
    expect(
      keys.stdout
        .split("\n")
        .filter((line) => / 0 +(-1|0) +(keyring|user|logon)/.test(line)),
    ).toEqual([]);
    const calls = await way.run(["run", helper("calls")]);
    for (const name of ["keyctl", "add_key", "request_key"])
      expect(calls.stdout).toContain(`\n${name} EPERM\n`);
    expect((await runOutside([helper("calls")])).stdout).not.toContain(
      "keyctl EPERM",
    );
  },
);

/** A copy of a program with a privilege of the file's own, in a room of the user's. */
function privileged(
  name: string,
  kind: "setuid" | "setgid" | "capability",
): string {
  const path = join(makeRoom(), name);
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
    const mounts = await way.sh("grep ' /proc ' /proc/self/mounts");
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

/** Who the command is and stays: the caller, with no right that he lacks. */

import { expect } from "bun:test";
import { chmodSync, chownSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { runPhases } from "./phases.ts";
import { attack, type Inside, type Way } from "./ring.ts";

const NONE = "0000000000000000";

/** With too many processes of the user's, the kernel itself does not execute selfdock. */
function notExecuted(error: Error): { status: number; stdout: string } {
  if (!error.message.includes("temporarily unavailable")) throw error;
  return { status: 125, stdout: "" };
}

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
      const result = await way
        .run(["run", helper("state")], { limits: [[6, soft, soft]] })
        .catch(notExecuted);
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
      [Bun.which("setpriv")!, ...setpriv.slice(1), "/bin/sh", ...read.slice(1)],
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

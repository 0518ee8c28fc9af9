/** What a process inherits and leaves: descriptors, limits, signals, terminal, process group, lifetime. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import {
  descendants,
  processesWith,
  processIsAlive,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { reportAttempts } from "./attempts.ts";
import { runPhases } from "./phases.ts";
import { attack, control, SOAK, type Way } from "./ring.ts";

/** `state descriptors` of an instance, written to a file since its own output may be closed. */
async function descriptors(
  way: Way,
  options: StartOptions,
  args: readonly string[] = [],
): Promise<readonly string[]> {
  const room = makeRoom();
  const result = await way.run(
    [
      "-v",
      room,
      "/srv",
      "-e",
      "STATE_OUT",
      "/srv/out",
      ...args,
      "run",
      helper("state"),
      "descriptors",
    ],
    options,
  );
  expect(result.status).toBe(0);
  return readFileSync(join(room, "out"), "utf8").trim().split("\n");
}

for (const close of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
  attack(
    "A05",
    `closed descriptors ${close.join(", ")} are /dev/null inside`,
    async (way) => {
      const lines = await descriptors(way, { close });
      expect(lines.map((line) => parseInt(line, 10))).toEqual([0, 1, 2]);
      for (const fd of close) expect(lines[fd]).toMatch(/ rdev 103$/);
    },
  );
}

attack(
  "A05",
  "with descriptors 0 to 2 closed, a message lands in no file that is opened later",
  async (way) => {
    const room = makeRoom({ file: "untouched" });
    const options = {
      close: [0, 1, 2],
      open: [[3, join(room, "file"), 1]],
    } as const;
    expect(
      (await way.run(["-m", "/no/such", "/mnt", "run", "true"], options))
        .status,
    ).toBe(124);
    expect(readFileSync(join(room, "file"), "utf8")).toBe("untouched");
  },
);

const OPEN: StartOptions = {
  open: [
    [3, "/"],
    [4, "/etc"],
    [5, "/etc/passwd"],
    [7, "/proc"],
    [63, "/dev"],
    [1023, "/"],
    [4000, "/etc"],
  ],
  limits: [[7, 5000, 5000]],
};

attack(
  "A06",
  "neither inherited descriptors nor selfdock's own get in",
  async (way) => {
    for (const extra of [[], ["--net", "none"], ["-t", "", "/mnt"]]) {
      const lines = await descriptors(way, OPEN, extra);
      expect(lines.map((line) => parseInt(line, 10))).toEqual([0, 1, 2]);
    }
    const kept = await descriptors(way, OPEN, ["--keep-fd", "5"]);
    expect(kept.map((line) => parseInt(line, 10))).toEqual([0, 1, 2, 5]);
  },
);

control("A06", "without selfdock they all do", async () => {
  const { stdout } = await runOutside([helper("state"), "descriptors"], OPEN);
  for (const fd of [3, 4, 5, 7, 63, 1023]) expect(stdout).toContain(`\n${fd} `);
});

const WHOLE =
  'for d in /mnt /tmp /proc /dev; do grep -c " $d " /proc/self/mounts; done; grep " /mnt " /proc/self/mounts | grep -c nosuid; grep Bnd /proc/self/status; ls /proc/self/fd | wc -l; echo WHOLE';

/** Under a limit, an instance is the whole one or none. */
async function wholeOrNone(
  way: Way,
  limits: StartOptions["limits"],
  whole: string,
): Promise<boolean> {
  const result = await way.run(
    ["-m", "/etc", "/mnt", "run", "sh", "-c", WHOLE],
    { limits: limits! },
  );
  if (result.stdout.includes("WHOLE"))
    expect({ limits, out: result.stdout }).toEqual({ limits, out: whole });
  else expect(result.status === 0).toBe(false);
  return result.stdout.includes("WHOLE");
}

async function sweepLimits(
  way: Way,
  limits: readonly NonNullable<StartOptions["limits"]>[number][],
): Promise<readonly boolean[]> {
  const whole = await way.sh(WHOLE, { args: ["-m", "/etc", "/mnt"] });
  expect(whole).toContain("CapBnd:\t0000000000000000");
  const all: boolean[] = [];
  for (const limit of limits) all.push(await wholeOrNone(way, [limit], whole));
  return all;
}

attack(
  "A08",
  "with 0 to 32 descriptors an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(
      way,
      Array.from({ length: 33 }, (_, count) => [7, count, count] as const),
    );
    expect(made[0]).toBe(false);
    expect(made.at(-1)).toBe(true);
  },
);

attack(
  "A08",
  "where a descriptor is missing in the middle, the message is selfdock's",
  async (way) => {
    for (let count = 8; count < 24; count++) {
      const result = await way.run(["-m", "/etc", "/mnt", "run", "true"], {
        limits: [[7, count, count]],
      });
      if (result.status === 0) continue;
      expect({ count, status: result.status }).toEqual({ count, status: 124 });
      expect(result.stderr).toStartWith("selfdock: ");
      expect(result.stderr).not.toContain("at <anonymous>");
    }
  },
);

attack(
  "A09",
  "under limits on memory, stack, files and processes an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(way, [
      [9, 2e8, 2e8],
      [9, 1e9, 1e9],
      [9, 5e9, 5e9],
      [2, 1e6, 1e6],
      [2, 5e7, 5e7],
      [2, 1e9, 1e9],
      [3, 8192, 8192],
      [3, 65536, 65536],
      [3, 262144, 262144],
      [1, 0, 0],
      [1, 4096, 4096],
      [6, 0, 0],
      [6, 1, 1],
      [6, 2, 2],
      [8, 0, 0],
      [0, 0, 0],
      [0, 1, 1],
      [4, 0, 0],
      [11, 0, 0],
      [12, 0, 0],
      [13, 0, 0],
    ]);
    expect(made.some(Boolean)).toBe(true);
  },
);

const same = (title: string, id: string, callers: readonly StartOptions[]) =>
  attack(id, title, async (way) => {
    for (const options of callers) {
      const outside = await runOutside([helper("state")], options);
      const inside = await way.run(["run", helper("state")], options);
      expect(inside.stdout).toBe(outside.stdout);
      expect(inside.status).toBe(0);
    }
  });

attack("A11", "a caller who ignores SIGCHLD gets the status", async (way) => {
  for (const options of [
    { ignore: [17] },
    { block: [17] },
    { ignore: [17], block: [0] },
  ])
    expect(
      (
        await way.run(["run", "sh", "-c", "exit 42"], {
          ...options,
          timeout: 10,
        })
      ).status,
    ).toBe(42);
});

same("the command ignores SIGCHLD where the caller did", "A11", [
  { ignore: [17] },
  {},
]);
same("mask and dispositions are the caller's", "A12", [
  { block: [0] },
  { ignore: [1, 2, 3, 13, 15] },
  { block: [15, 30, 32, 33, 34] },
  { ignore: [30, 34, 64] },
]);

attack(
  "A12",
  "with every signal blocked it still ends with its command, and dies of SIGKILL",
  async (way) => {
    expect(
      (
        await way.run(["run", "sh", "-c", "exit 7"], {
          block: [0],
          timeout: 10,
        })
      ).status,
    ).toBe(7);
    const running = way.start(["run", "sleep", "60.125"], { block: [0] });
    await waitUntil(
      "the command runs",
      () => processesWith("sleep 60.125").length > 0,
    );
    running.kill("SIGKILL");
    await running.ended;
    await waitUntil(
      "it has ended",
      () =>
        descendants(running.pid).length === 0 &&
        !processesWith("sleep 60.125").some((pid) => processIsAlive(pid)),
    );
  },
);

same(
  "SIGPIPE and SIGXFSZ are default or ignored, as the caller had them",
  "A14",
  [{}, { ignore: [13] }, { ignore: [25] }, { ignore: [13, 25] }],
);
same("soft and hard limits of descriptors are the caller's", "A15", [
  { limits: [[7, 256, 4096]] },
  { limits: [[7, 64, 64]] },
  {},
]);

attack(
  "A16",
  "flags of shared pipes are the same during and after, errors and help included",
  async (way) => {
    const script = `
import fcntl, os, subprocess, sys
for command in [["run", "true"], ["run", "sh", "-c", "echo x >&2"], ["bogus"], ["run", "/1"], ["--help"], ["--dry-run", "run", "true"]]:
    ends = [os.pipe() for _ in range(3)]
    before = [fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair]
    process = subprocess.Popen([sys.argv[1], *command], stdin=ends[0][0], stdout=ends[1][1], stderr=ends[2][1])
    seen = set()
    while process.poll() is None:
        seen.add(tuple(fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair))
    seen.add(tuple(fcntl.fcntl(end, fcntl.F_GETFL) for pair in ends for end in pair))
    print("same" if seen == {tuple(before)} else (command, before, seen))
    for pair in ends: os.close(pair[0]); os.close(pair[1])`;
    const { stdout } = await runOutside([
      "/usr/bin/env",
      "python3",
      "-c",
      script,
      way.program(),
    ]);
    expect(stdout).toBe("same\n".repeat(6));
  },
);

/** What a terminal shows after the user's SCRIPT, `$1` being the program. */
async function onTerminal(script: string, program: string): Promise<string> {
  let screen = "";
  const child = Bun.spawn(
    [
      "setpriv",
      "--reuid",
      "1000",
      "--regid",
      "1000",
      "--clear-groups",
      "bash",
      "-c",
      script,
      "bash",
      program,
    ],
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
  "A69",
  "modes of the terminal are left as the command left them",
  async (way) => {
    const screen = await onTerminal(
      '"$1" run stty -echo -icanon; stty -a | tr ";" "\\n"; stty sane',
      way.program(),
    );
    expect(screen).toContain("-echo ");
    expect(screen).toContain("-icanon");
    const failed = await onTerminal(
      'stty -echo; "$1" run /no/such 2>/dev/null; "$1" --help >/dev/null; "$1" bogus 2>/dev/null; stty -a; stty sane',
      way.program(),
    );
    expect(failed).toContain("-echo ");
  },
);

attack(
  "A69",
  "one in the background changes nothing behind its shell's back",
  async (way) => {
    const screen = await onTerminal(
      '"$1" run sleep 0.3 </dev/null & stty -echo; wait; stty -a; stty sane',
      way.program(),
    );
    expect(screen).toContain("-echo ");
  },
);

attack(
  "A70",
  "with no terminal, a signal to the own group stays inside",
  async (way) => {
    for (const script of [
      "kill -TERM 0; sleep 1",
      "kill -KILL 0; sleep 1",
      "kill -TERM -1; sleep 0.1",
      "renice -n 10 -g 0 >/dev/null",
    ]) {
      const { stdout } = await runOutside([
        "/usr/bin/setsid",
        "-w",
        "sh",
        "-c",
        '"$1" run sh -c "$2" >/dev/null 2>&1; echo survived $(nice)',
        "sh",
        way.program(),
        script,
      ]);
      expect({ script, stdout }).toEqual({ script, stdout: "survived 0\n" });
    }
  },
);

control(
  "A70",
  "a plain child's signal to its group reaches the caller",
  async () => {
    const { stdout } = await runOutside([
      "/usr/bin/setsid",
      "-w",
      "sh",
      "-c",
      'sh -c "kill -TERM 0; sleep 1"; echo survived',
    ]);
    expect(stdout).toBe("");
  },
);

attack(
  "A55",
  "killed while the command runs, nothing of it is left",
  async (way) => {
    const word = `60.${way.name === "setuid" ? 511 : 522}`;
    for (const signal of ["SIGKILL", "SIGTERM", "SIGSEGV"] as const) {
      const running = way.start([
        "run",
        "sh",
        "-c",
        `sleep ${word} & sleep ${word}; true`,
      ]);
      await waitUntil(
        "the command runs",
        () => processesWith(`sleep ${word}`).length > 1,
      );
      running.kill(signal);
      await running.ended;
      await waitUntil(
        `${signal} has ended it`,
        () => processesWith(`sleep ${word}`).length === 0,
        3,
      );
    }
  },
);

attack(
  "A55",
  "killed before any call of its child, the launcher leaves no instance",
  async (way) => {
    const word = `60.${way.name === "setuid" ? 533 : 544}`;
    const { calls } = await runPhases(way, "list", ["run", "true"]);
    const step = SOAK ? 1 : Math.ceil(calls.child / 25);
    let attempts = 0;
    for (let call = 0; call < calls.child; call += step, attempts++) {
      // `phases` ends when all that it watches has ended, the child included.
      const { result } = await runPhases(
        way,
        `orphan:${call}:9`,
        ["run", "sleep", word],
        { timeout: 10 },
      );
      expect(result.status).toBe(128 + 9);
      expect(processesWith(`sleep ${word}`)).toEqual([]);
    }
    reportAttempts(
      "A55 kill the launcher before a call of the child",
      way.name,
      { attempts, won: 0 },
    );
  },
);

attack("A55", "killed at a random moment, neither", async (way) => {
  const word = `60.${way.name === "setuid" ? 555 : 566}`;
  const attempts = SOAK ? 10_000 : 60;
  for (let done = 0; done < attempts; done += 10) {
    const all = Array.from({ length: 10 }, () =>
      way.start(["run", "sleep", word]),
    );
    await Bun.sleep(Math.random() * 60);
    for (const each of all) each.kill("SIGKILL");
    await Promise.all(all.map((each) => each.ended));
  }
  await waitUntil(
    "all have ended",
    () => processesWith(`sleep ${word}`).length === 0,
    3,
  );
  reportAttempts("A55 kill the launcher at a random moment", way.name, {
    attempts,
    won: 0,
  });
});

attack(
  "A55",
  "stopped and continued before its calls, the launch succeeds or nothing is left",
  async (way) => {
    const running = way.start(["run", "echo", "ran"]);
    for (let times = 0; times < 40 && processIsAlive(running.pid); times++) {
      running.kill("SIGSTOP");
      await Bun.sleep(1);
      running.kill("SIGCONT");
      await Bun.sleep(1);
    }
    expect(await running.ended).toMatchObject({ status: 0, stdout: "ran\n" });
  },
);

control("A55", "a plain child outlives its killed parent", async () => {
  const { stdout } = await runOutside([
    "/bin/bash",
    "-c",
    "sh -c 'sleep 5.577 & echo $!; kill -9 $$' | (read pid; sleep 0.2; kill -0 $pid && echo alive; kill $pid)",
  ]);
  expect(stdout).toBe("alive\n");
});

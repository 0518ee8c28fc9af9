/** `enter`: who may, into what, and what those inside can do about it. */

import { expect } from "bun:test";
import { waitUntil } from "../harness/processes.ts";
import { runOutside, start, type Running } from "../harness/run.ts";
import { running } from "./descendant.ts";
import { reportAttempts } from "./attempts.ts";
import { runPhases } from "./phases.ts";
import { attacker } from "./programs.ts";
import { attack, control, expectRefusal, SOAK, type Way } from "./ring.ts";

const OTHER = 1001;

async function instance(
  way: Way,
  words: readonly string[] = ["sleep", "60"],
  user = 1000,
): Promise<Running> {
  const started = way.start(["run", ...words], { user });
  await running(started, words.includes("sleep") ? "sleep" : "lurk");
  return started;
}

attack(
  "A59",
  "another user's instance is not entered, by any word",
  async (way) => {
    const name = `theirs-${way.name}-${process.pid}`;
    const words = ["--name", name, "sleep", "60"];
    const theirs = await instance(way, words, OTHER);
    const inside = await running(theirs, "sleep");
    for (const word of [name, theirs.pid, inside, `./${inside}`]) {
      const result = await way.run(["enter", String(word), "id"]);
      expectRefusal(result);
      expect(result.stderr).toStartWith("selfdock: Cannot find ");
    }
    // Root sees it, and is told whose it is.
    const root = await way.run(["enter", name, "id"], { user: 0 });
    expectRefusal(root);
    expect(root.stderr).toContain(`it is user ${OTHER}'s`);
    // The control: its user enters.
    const own = await way.run(["enter", name, "id", "-u"], { user: OTHER });
    expect(own.stdout).toBe(`${OTHER}\n`);
  },
);

attack("A59", "no other process is entered, whosever it is", async (way) => {
  const own = start(["/usr/bin/sleep", "60"]);
  const roots = start(["/usr/bin/sleep", "60"], { user: 0 });
  for (const pid of [1, process.pid, own.pid, roots.pid, 2 ** 22])
    for (const user of [1000, 0])
      expectRefusal(await way.run(["enter", String(pid), "id"], { user }));
});

/** What makes itself untraceable, as an agent that holds keys does. */
const UNTRACEABLE =
  "import ctypes, os; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print('hidden', flush=True); os.execv if False else __import__('time').sleep(60)";

attack(
  "A59",
  "whom the user may not trace, the user may not enter",
  async (way) => {
    const hidden = way.start(["run", "/usr/bin/python3", "-c", UNTRACEABLE]);
    await waitUntil("it is hidden", () => hidden.stdout() === "hidden\n");
    const result = await way.run(["enter", String(hidden.pid), "id", "-u"]);
    // Rootless the user owns the user namespace, and so may trace it all.
    if (way.name !== "setuid") expect(result.stdout).toBe("1000\n");
    else expectRefusal(result);
  },
);

/** Enters over and over while `lurk` is inside; what it has counted. */
async function lurkedUpon(lurking: Running, enter: readonly string[]) {
  await waitUntil("it lurks", () => lurking.stdout().startsWith("lurking\n"));
  const end = new AbortController();
  void lurking.ended.then(() => end.abort());
  const entering = async () => {
    while (!end.signal.aborted) await runOutside(enter);
  };
  await Promise.all([entering(), entering(), entering()]);
  const { stdout } = await lurking.ended;
  const [line] = /seen .*/.exec(stdout)!;
  const count = (name: string) =>
    Number(new RegExp(`${name} (\\d+)`).exec(line)![1]);
  return {
    stdout,
    seen: count("seen"),
    before: count("before"),
    reached: count("reached"),
    breaches: count("breaches"),
    foreign: count("foreign"),
  };
}

/** How long it lurks, and at how many that are not yet what they will be. */
const BOUNDS = SOAK ? (["1800", "10000"] as const) : (["40", "5"] as const);

const LONG = { timeout: SOAK ? 1900 : 60 };

attack(
  "A62",
  "from inside, nothing that enters is reached before its command runs",
  async (way) => {
    const lurk = attacker("lurk");
    const lurking = way.start(["run", lurk, ...BOUNDS, "true"], LONG);
    const enter = [way.program(), "enter", String(lurking.pid), "/bin/true"];
    const counts = await lurkedUpon(lurking, enter);
    reportAttempts("A62 lurk, then trace or read", way.name, {
      attempts: counts.before,
      won: counts.breaches,
    });
    expect(counts.stdout).not.toContain("breach:");
    expect(counts).toMatchObject({ breaches: 0, foreign: 0 });
    expect(counts.before).toBeGreaterThanOrEqual(SOAK ? 1000 : 3);
  },
);

control("A62", "what enters by nsenter is reached", async () => {
  const words = ["-U", "--map-user=1000", "--map-group=1000", "-mpf"];
  const lurk = [attacker("lurk"), "40", "3", "true", "still"];
  const made = start(
    ["/usr/bin/unshare", ...words, "--mount-proc", ...lurk],
    LONG,
  );
  const inside = await running(made, "attacker-lurk");
  const enter = ["-U", "--preserve-credentials", "-m", "-p", "/bin/true"];
  const counts = await lurkedUpon(made, [
    "/usr/bin/nsenter",
    "-t",
    String(inside),
    ...enter,
  ]);
  reportAttempts("A62 lurk, then trace or read", "nsenter", {
    attempts: counts.before,
    won: counts.breaches,
  });
  expect(counts.breaches).toBeGreaterThan(0);
});

attack(
  "A60",
  "in a namespace of the user's own making nobody has more than the user",
  async (way) => {
    const name = `forged-${way.name}-${process.pid}`;
    const lurk = [attacker("lurk"), ...BOUNDS, "true,cat"];
    const forged = start(
      [attacker("forge"), "own", way.program(), name, ...lurk],
      LONG,
    );
    await waitUntil("it is listed", async () =>
      (await way.run(["ps"])).stdout.includes(name),
    );
    const state = await way.run(["enter", name, "cat", "/proc/self/status"]);
    expect(state.stdout).toContain("Uid:\t1000\t1000\t1000\t1000\n");
    expect(state.stdout).toContain("CapPrm:\t0000000000000000\n");
    expect(state.stdout).toContain("NoNewPrivs:\t1\n");
    const counts = await lurkedUpon(forged, [
      way.program(),
      "enter",
      name,
      "/bin/true",
    ]);
    expect(counts.stdout).not.toContain("breach:");
    expect(counts).toMatchObject({ breaches: 0, foreign: 0 });
    expect(counts.before).toBeGreaterThanOrEqual(SOAK ? 1000 : 3);
  },
);

attack(
  "A59",
  "entering, no process of selfdock's is open to its user while any privilege is left",
  async (way) => {
    const { pid } = await instance(way);
    const words = ["enter", String(pid), "cat", "/proc/self/uid_map"];
    const { lines, result, executed } = await runPhases(way, "reach", words);
    expect(result.status).toBe(0);
    expect(executed).toBe(true);
    const hasRoot = (ids: string) => ids.trim().split(" ").includes("0");
    const open = lines.filter((line) => line.at(-1) !== "");
    const privileged = ([, , own, launcher]: readonly string[]) =>
      hasRoot(own!) || hasRoot(launcher!);
    expect(open.filter(privileged).map((line) => line.join(" "))).toEqual([]);
    if (way.name === "setuid")
      expect(lines.filter(privileged).length).toBeGreaterThan(100);
    // The control: what has executed the command is open.
    expect(open.length).toBeGreaterThan(0);
  },
);

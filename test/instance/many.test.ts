/** Many instances from one process that stage 0 did not start: this one. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { probeKeptState } from "../../src/launch/many/kept-state.ts";
import { makeLauncher } from "../../src/launch/many/make-launcher.ts";
import type {
  Launcher,
  RunningInstance,
  Start,
} from "../../src/launch/many/make-launcher.ts";
import { probeOwnFacts } from "../../src/launch/many/probe-own-facts.ts";
import type { Request } from "../../src/plan/request.ts";
import { makeRoom } from "../harness/room.ts";
import { b, requestOf } from "../unit/plan/samples.ts";
import { waitUntil, processIsAlive } from "../harness/processes.ts";

const ENVIRONMENT = [b("PATH=/usr/bin:/bin"), b("A=one")];

function launcherOf(change: Partial<Request> = {}): Launcher {
  const request = requestOf(change);
  return makeLauncher(request, probeOwnFacts(request), probeKeptState());
}

describe("one launcher", () => {
  const nothing = openSync("/dev/null", "r+");
  const directory = openSync("/", "r");
  let launcher: Launcher;
  let count = 0;
  const room = makeRoom({ source: { file: "seen" } });

  beforeAll(() => {
    launcher = launcherOf();
  });
  afterAll(() => {
    launcher.free();
    for (const each of [nothing, directory]) closeSync(each);
  });

  const start = (
    argv: readonly string[],
    { by = launcher, ...change }: Partial<Start> & { by?: Launcher } = {},
  ): RunningInstance =>
    by.start({
      argv: argv.map(b),
      environment: ENVIRONMENT,
      directory: b("/"),
      directoryDescriptor: directory,
      workingDirectory: null,
      stdio: [nothing, nothing, nothing],
      ...change,
    });

  /** Runs a command and tells what it has written. */
  const output = (
    argv: readonly string[],
    change: Partial<Start> & { by?: Launcher } = {},
  ) => {
    const path = join(room, `out-${(count += 1)}`);
    const file = openSync(path, "w");
    const instance = start(argv, { stdio: [nothing, file, file], ...change });
    closeSync(file);
    const ending = instance.end();
    return { ...ending, text: readFileSync(path, "latin1") };
  };

  const children = () =>
    readFileSync(`/proc/self/task/${process.pid}/children`, "latin1");
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const state = () => {
    const status = readFileSync("/proc/self/status", "latin1");
    const mask = /^Umask:.*$/m.exec(status)?.[0];
    const signals = status.match(/^Sig(Blk|Ign|Cgt):.*$/gm);
    const limits = readFileSync("/proc/self/limits", "latin1");
    return { mask, signals, limits, cwd: process.cwd() };
  };

  test("that an idle spawner is killed is no matter for the next command", async () => {
    const own = launcherOf();
    start(["true"], { by: own }).end();
    const before = new Set(children().split(" "));
    const other = launcherOf();
    start(["true"], { by: other }).end();
    const idle = children()
      .split(" ")
      .filter((each) => each !== "" && !before.has(each));
    expect(idle.length).toBe(1);
    process.kill(Number(idle[0]), "SIGKILL");
    await waitUntil("it has ended", () => !processIsAlive(Number(idle[0])));
    expect(start(["sh", "-c", "exit 5"], { by: other }).end().status).toBe(5);
    for (const each of [own, other]) each.free();
  });

  test("each command has its own words, variables and status", () => {
    const script = 'printf "%s|" "$0" "$@" "$A"; exit 7';
    const words = ["sh", "-c", script, "", "a b", "\xff\n"];
    for (const [A, shown] of [
      ["two", "two"],
      ["", ""],
    ]) {
      const environment = [b("PATH=/bin"), b(`A=${A}`)];
      expect(output(words, { environment })).toMatchObject({
        error: null,
        status: 7,
        signal: null,
        text: `|a b|\xff\n|${shown}|`,
      });
    }
  });

  test("each is pid 1 of an instance of its own", () => {
    const script =
      "echo $$; ls /proc | grep -c '^[0-9]*$'; touch /x; touch /tmp/x && ls /tmp";
    for (let turn = 0; turn < 3; turn++)
      expect(output(["sh", "-c", script]).text).toMatch(
        /^1\n[23]\ntouch: .*\nx\n$/,
      );
  });

  test("nothing of the spawner is the command's", () => {
    const script =
      "ls /proc/self/fd; grep -E '^(SigBlk|SigIgn|CapEff|NoNewPrivs)' /proc/self/status; ulimit -Sn; cat /proc/self/oom_score_adj; ps -o sid= -p 1 2>/dev/null";
    const { text } = output(["sh", "-c", script]);
    expect(text).toStartWith(
      "0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n",
    );
  });

  test("a signal that ends it is told, and its processes end with it", async () => {
    for (const number of [9, 15]) {
      const running = start([
        "sh",
        "-c",
        "trap 'exit 3' TERM; sleep 60 & wait",
      ]);
      // It has set its trap once it has a child.
      await Bun.sleep(100);
      running.signal(number);
      const { status, signal } = running.end();
      expect([status, signal]).toEqual(number === 9 ? [null, 9] : [3, null]);
    }
  });

  test("what cannot be executed says why, and the next can", () => {
    const messages = [
      [["no-such-command"], "not-found", 'Cannot execute "no-such-command"'],
      [["/etc/passwd"], "not-executable", "permission denied"],
    ] as const;
    for (const [words, code, message] of messages) {
      const { error, status } = output(words);
      expect([error?.code, status]).toEqual([code, null]);
      expect(error?.message).toContain(message);
    }
    expect(output(["true"]).status).toBe(0);
  });

  test("a launch may say where its command begins", () => {
    const workingDirectory = b("/usr/bin");
    expect(output(["pwd"], { workingDirectory }).text).toBe("/usr/bin\n");
    expect(output(["pwd"], { directory: b("/usr") }).text).toBe("/usr\n");
    expect(output(["pwd"]).text).toBe("/\n");
    const missing = output(["pwd"], { workingDirectory: b("/no-such") });
    expect(missing.error?.message).toContain(
      'Cannot enter the directory of this launch: "/no-such": no such file',
    );
  });

  test("relative sources begin in the directory of each launch", () => {
    const mounts = [
      { kind: "map", source: b("source"), target: b("/mnt") },
    ] as const;
    const by = launcherOf({ mounts });
    const here = openSync(room, "r");
    const words = ["cat", "/mnt/file"];
    expect(output(words, { by, directoryDescriptor: here }).text).toBe("seen");
    const { error } = output(words, { by });
    expect(error?.message).toContain('Cannot mount "source" at "/mnt"');
    by.free();
    closeSync(here);
  });

  test("with an init the command's own end is told", () => {
    const by = launcherOf({ init: true });
    const script = "echo $$; exec sleep 60";
    expect(output(["sh", "-c", "echo $$; exit 5"], { by })).toMatchObject({
      status: 5,
      text: "2\n",
    });
    expect(output(["sh", "-c", "kill -KILL $$"], { by })).toMatchObject({
      status: null,
      signal: 9,
    });
    const running = start(["sh", "-c", script], { by });
    running.signal(15);
    expect(running.end()).toMatchObject({ status: null, signal: 15 });
    by.free();
  });

  test("peak memory is the command's own", () => {
    expect(output(["true"]).peak).toBeLessThan(4 * 2 ** 20);
    const script = "x=$(head -c 50000000 /dev/zero | tr '\\0' a); echo ${#x}";
    const { peak, text } = output(["sh", "-c", script]);
    expect(text).toBe("50000000\n");
    expect(peak).toBeGreaterThan(45 * 2 ** 20);
  });

  test("many run at once, and each tells its own end", () => {
    const running = Array.from({ length: 50 }, (_, index) =>
      start(["sh", "-c", `sleep 0.0${index % 10}; exit ${index}`]),
    );
    const all = running.map((each) => each.end().status);
    expect(all).toEqual(running.map((_, index) => index));
  });

  test("a NUL and an endless line are refused, and nothing is lost by it", () => {
    expect(() => start(["echo", "a\0b"])).toThrow("has a NUL in it");
    expect(() => start([])).toThrow("there is no COMMAND");
    const long = "x".repeat(9_000_000);
    expect(() => start(["echo", long])).toThrow("are too long");
    const { error } = output(["true", "y".repeat(200_000)]);
    expect(error?.message).toBe(
      'Cannot execute "true": its arguments and variables are too long',
    );
    expect(output(["echo", "fine"]).text).toBe("fine\n");
  });

  test("this process is as before", () => {
    const before = state();
    const by = launcherOf();
    output(["true"], { by });
    output(["no-such-command"], { by });
    by.free();
    expect(state()).toEqual(before);
  });

  test("a freed launcher leaves no process and no descriptor", () => {
    const before = [descriptors(), children()];
    const by = launcherOf();
    start(["sleep", "60"], { by });
    start(["sleep", "60"], { by });
    output(["true"], { by });
    by.free();
    expect([descriptors(), children()]).toEqual(before);
  });

  test("an instance ends with its spawner, and that is told", async () => {
    const by = launcherOf();
    const running = start(["sleep", "61"], { by });
    const [spawner] = children().trim().split(" ").map(Number).slice(-1);
    const pid = () =>
      readFileSync(
        `/proc/${spawner}/task/${spawner}/children`,
        "latin1",
      ).trim();
    await waitUntil("it runs", () => pid() !== "");
    const child = Number(pid());
    process.kill(spawner!, "SIGKILL");
    expect(() => running.end()).toThrow("its spawner was killed");
    await waitUntil("it has ended", () => !processIsAlive(child));
    expect(output(["true"], { by }).status).toBe(0);
    by.free();
  });
});

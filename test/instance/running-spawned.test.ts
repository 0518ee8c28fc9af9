/** `ps`, `stop`, `enter` and `explain` of instances that batch, or a program by the library, has made. */

import { expect } from "bun:test";
import { spawn } from "../../src/index.ts";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import {
  descendants,
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { start, type Running } from "../harness/run.ts";
import { list, listedSpawned, type Listed } from "./listed.ts";

const OTHER = 1001;

function batchOf(lines: readonly string[], options: readonly string[] = []) {
  const words = ["batch", "-j", "8", "--json", ...options];
  return rootless.start(words, { stdin: `${lines.join("\n")}\n` });
}

rootless.rule("stop ends one instance of a batch alone", async () => {
  const batch = batchOf(["sleep 61", "sleep 62", "sleep 63"]);
  const three = await listedSpawned(rootless, batch, 3);
  expect(three.every(({ mode }) => mode === "rootless")).toBe(true);
  for (const [at, { pid, init }] of three.entries()) {
    const before = performance.now();
    await rootless.output(["stop", String(at === 1 ? init : pid)]);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(processIsAlive(init)).toBe(false);
    for (const other of three.slice(at + 1))
      expect(processIsAlive(other.init)).toBe(true);
  }
  const { status, stdout, stderr } = await batch.ended;
  expect(status).toBe(123);
  expect(stdout.match(/"signal":"KILL"/g)).toHaveLength(3);
  // None of the spawners had to go for it.
  expect(stderr).not.toContain("Cannot tell");
});

rootless.rule("an init passes the SIGTERM of stop on", async () => {
  const batch = batchOf(["sleep 64"], ["--init"]);
  const [one] = await listedSpawned(rootless, batch, 1);
  await rootless.output(["stop", String(one!.pid)]);
  expect((await batch.ended).stdout).toContain('"signal":"TERM"');
});

rootless.rule("enter and explain know an instance of a batch", async () => {
  const batch = batchOf(["sleep 65"]);
  const [{ pid, init }] = (await listedSpawned(rootless, batch, 1)) as [Listed];
  for (const word of [pid, init]) {
    const told = ["enter", String(word), "cat", "/proc/1/cmdline"];
    expect(await rootless.output(told)).toBe("sleep\x0065\0");
    expect(await rootless.output(["explain", String(word)])).toContain(
      `for ${batch.pid}: selfdock ${pid}, its pid 1 is ${init}; `,
    );
  }
  await rootless.output(["stop", String(pid)]);
  await batch.ended;
});

rule("so is an instance of a program by the library", ["root"], async () => {
  const instance = await spawn(["sleep", "69"]);
  const own = (await list(rootless, 0)).find(
    ({ init }) => init === instance.pid,
  );
  expect(own).toMatchObject({ asker: process.pid, command: ["sleep", "69"] });
  const word = String(own!.pid);
  const told = ["enter", word, "cat", "/proc/1/cmdline"];
  expect(await rootless.output(told, { user: 0 })).toBe("sleep\x0069\0");
  await rootless.output(["stop", word], { user: 0 });
  expect(await instance.exited).toMatchObject({ signal: "SIGKILL" });
});

rootless.rule("a spawner without an instance is none", async () => {
  const batch = batchOf(["true", "true", "sleep 66"]);
  const [one] = await listedSpawned(rootless, batch, 1);
  const minders = descendants(batch.pid).filter(
    (pid) => statusField(pid, "Name") === "selfdock-spawn",
  );
  const idle = minders.filter((pid) => pid !== one!.pid);
  expect(minders.length).toBeGreaterThan(1);
  const known = (await list(rootless)).map(({ pid }) => pid);
  for (const pid of idle) expect(known).not.toContain(pid);
  await rootless.output(["stop", String(one!.pid)]);
  await batch.ended;
});

rootless.rule("another user's batch is neither seen nor stopped", async () => {
  const batch = batchOf(["sleep 67"]);
  const [{ pid, init }] = (await listedSpawned(rootless, batch, 1)) as [Listed];
  expect((await list(rootless, OTHER)).map((each) => each.pid)).not.toContain(
    pid,
  );
  for (const action of ["stop", "enter", "explain"])
    for (const word of [pid, init]) {
      const user = OTHER;
      const { status } = await rootless.run([action, String(word)], { user });
      expect(status).toBe(124);
    }
  expect(processIsAlive(init)).toBe(true);
  await rootless.output(["stop", String(pid)], { user: 0 });
  await batch.ended;
});

/** A process of a file in memory of the spawners' name, whose child is pid 1 of namespaces of FLAGS. */
const IMITATION = String.raw`
import ctypes, os, sys
name, flags = b"selfdock-spawn", int(sys.argv[1])
libc = ctypes.CDLL(None)
file = os.memfd_create(name.decode(), 0)
os.write(file, open(os.path.realpath("/proc/self/exe"), "rb").read())
code = f"""
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"selfdock-spawn")
if {flags}:
    assert ctypes.CDLL(None).unshare({flags}) == 0
if os.fork() == 0:
    os.execvp("sleep", ["sleep", "68"])
time.sleep(68)
"""
os.execve(f"/proc/self/fd/{file}", ["python3", "-c", code], dict(os.environ))
`;
const NEW_USER_AND_PID = 0x3000_0000;

rule("what imitates a spawner gets nobody anything", ["root"], async () => {
  const words = (flags: number) => [
    "/usr/bin/python3",
    "-c",
    IMITATION,
    String(flags),
  ];
  const imitation = start(words(NEW_USER_AND_PID), {});
  const plain = start(words(0), {});
  const sleeps = ({ pid }: Running) =>
    descendants(pid).find((each) => statusField(each, "Name") === "sleep");
  for (const each of [imitation, plain])
    await waitUntil("it sleeps", () => sleeps(each) !== undefined);
  // The user's own process, listed as the user's own, and by no means entered.
  expect(
    (await list(rootless)).find(({ pid }) => pid === imitation.pid)?.name,
  ).toBe(null);
  expect((await list(rootless)).map(({ pid }) => pid)).not.toContain(plain.pid);
  expect((await list(rootless, OTHER)).map(({ pid }) => pid)).not.toContain(
    imitation.pid,
  );
  for (const user of [0, 1000, OTHER]) {
    const line = ["enter", String(imitation.pid), "true"];
    const { status, stderr } = await rootless.run(line, { user });
    expect(status).toBe(124);
    expect(stderr).toStartWith("selfdock: Cannot ");
  }
  await rootless.output(["stop", String(imitation.pid)]);
  expect(processIsAlive(imitation.pid)).toBe(true);
  expect(sleeps(plain)).toBeDefined();
});

/** The library in programs of their own: when they end, and that nothing of them changes. */

import { expect } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { runProgram, startProgram } from "../harness/library.ts";
import { rule } from "../harness/needs.ts";
import { processIsAlive, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";

const OWN = ["root"] as const;

/** Runs a program that writes one JSON text; it must end well. */
async function valueOf(text: string): Promise<unknown> {
  const result = await runProgram(text);
  expect(result.stderr).toBe("");
  expect(result).toMatchObject({ status: 0, signal: null });
  return JSON.parse(result.stdout);
}

rule("a program ends when it has nothing more to do", OWN, async () => {
  const text = `
await run(["true"]);
for await (const each of batch([["true"], ["true"]]));
const instance = await spawn(["sleep", "0.1"]);
instance.exited.then(({ status }) => console.log(status));
`;
  expect(await valueOf(text)).toBe(0);
});

rule("what is unreferred holds no program, and ends with it", OWN, async () => {
  const text = `
const instance = await spawn(["sleep", "600"]);
instance.unref();
console.log(instance.pid);
`;
  const pid = await valueOf(text);
  await waitUntil("it has ended", () => !processIsAlive(pid as number));
});

for (const [how, text] of [
  ["process.exit", "process.exit(0);"],
  ["an error that nobody catches", "setTimeout(() => { throw 1; });"],
  ["SIGKILL", 'process.kill(process.pid, "SIGKILL");'],
  ["SIGTERM", 'process.kill(process.pid, "SIGTERM");'],
] as const)
  rule(`${how} ends every instance, and every spawner`, OWN, async () => {
    const program = startProgram(`
import { readFileSync } from "node:fs";
const children = () => readFileSync("/proc/self/task/" + process.pid + "/children", "latin1");
const instances = await Promise.all(Array.from({ length: 8 }, () => spawn(["sh", "-c", "sleep 600 & sleep 600"])));
console.log(JSON.stringify([...instances.map(({ pid }) => pid), ...children().trim().split(" ").map(Number)]));
${text}
`);
    const { stdout } = await program.ended;
    const pids = JSON.parse(stdout) as number[];
    expect(pids).toHaveLength(16);
    for (const pid of pids)
      await waitUntil(`${pid} has ended`, () => !processIsAlive(pid));
  });

rule("nothing of the program's own state changes", OWN, async () => {
  const text = `
import { openSync, readdirSync, readFileSync, statSync } from "node:fs";
process.umask(0o027);
const kept = openSync("/etc/passwd");
process.on("SIGUSR2", () => {});
let children = 0;
process.on("SIGCHLD", () => { children += 1; });
const state = () => ({
  status: readFileSync("/proc/self/status", "latin1").split("\\n")
    .filter((line) => /^(Umask|Uid|Gid|Groups|Sig(Blk|Ign|Cgt)|Cap|NoNewPrivs|Seccomp|Tgid|NS)/.test(line)),
  limits: readFileSync("/proc/self/limits", "latin1"),
  session: readFileSync("/proc/self/stat", "latin1").split(") ")[1].split(" ").slice(1, 6),
  namespaces: ["mnt", "pid", "user", "net", "ipc"].map((name) => statSync("/proc/self/ns/" + name).ino),
  traceable: statSync("/proc/self/environ").uid,
  cwd: process.cwd(),
  mounts: readFileSync("/proc/self/mountinfo", "latin1"),
});
const descriptors = () => readdirSync("/proc/self/fd").length;
const work = async () => {
  await run(["sh", "-c", "umask 077; ulimit -n 50; trap '' TERM; exit 3"], { ulimit: { nofile: 60 }, cd: "/usr", net: "none" });
  await run(["no-such-command"]).catch(() => {});
  await run(["sleep", "60"], { timeout: 1 });
  await run(["true"], { asRoot: true, scratch: true, data: [["text", "/x"]], keepFd: [kept], name: "it" });
  await (await spawn(["cat"], { stdin: "pipe" }))[Symbol.asyncDispose]();
};
const before = state();
await work();
const [after, some] = [state(), descriptors()];
const seen = children;
for (let turn = 0; turn < 20; turn++) await work();
const more = descriptors();
console.log(JSON.stringify({ same: JSON.stringify(before) === JSON.stringify(after), before, after, grown: more - some, seen }));
`;
  const { same, before, after, grown, seen } = (await valueOf(text)) as {
    same: boolean;
    before: unknown;
    after: unknown;
    grown: number;
    seen: number;
  };
  expect(after).toEqual(before);
  expect(same).toBe(true);
  expect(grown).toBe(0);
  // Nobody's handler hears of processes that it did not start.
  expect(seen).toBe(0);
});

rule(
  "a program that nobody may trace starts instances as well",
  OWN,
  async () => {
    const text = `
import { dlopen } from "bun:ffi";
const { prctl } = dlopen("libc.so.6", {
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
}).symbols;
prctl(4, 0, 0, 0, 0);
const { status } = await run(["true"]);
console.log(JSON.stringify([status, prctl(3, 0, 0, 0, 0)]));
`;
    expect(await valueOf(text)).toEqual([0, 0]);
  },
);

rule("a program that ignores SIGCHLD gets every result", OWN, async () => {
  const result = await runProgram(
    'console.log((await run(["sh", "-c", "exit 5"])).status);',
    { ignore: [17] },
  );
  expect(result).toMatchObject({ status: 0, stdout: "5\n", stderr: "" });
});

rule("a Worker starts none, and is told why", OWN, async () => {
  const text = `
if (Bun.isMainThread) {
  const worker = new Worker(import.meta.path);
  worker.onmessage = ({ data }) => { console.log(JSON.stringify(data)); worker.terminate(); };
} else {
  const error = await run(["true"]).catch((reason) => reason);
  postMessage([error.code, error.message]);
}
`;
  expect(await valueOf(text)).toEqual([
    "launch",
    "Cannot start instances in a Worker: they would end with its thread",
  ]);
});

rule(
  "the umask of a command is that of the program at the call, which has it all the while",
  OWN,
  async () => {
    const text = `
import { statSync, writeFileSync } from "node:fs";
const path = import.meta.dir;
const kinds = [{}, { init: true }, { asRoot: true }, { action: "build" }];
const told = [];
const masks = [0o022, 0o077, 0, 0o027, 0o777];
for (const options of kinds)
  for (const mask of masks) {
    process.umask(mask);
    // The second waits for its turn.
    const both = [run(["sh", "-c", "umask"], options), run(["sh", "-c", "umask"], options)];
    const name = path + "/" + told.length;
    writeFileSync(name, "");
    const made = statSync(name).mode & 0o777;
    process.umask(0o111);
    const inside = (await Promise.all(both)).map(({ stdout }) => Number.parseInt(stdout.text(), 8));
    told.push([...inside, 0o666 & ~made, process.umask(0o022)]);
  }
console.log(JSON.stringify({ told, wanted: kinds.flatMap(() => masks.map((mask) => [mask, mask, 0o666 & mask, 0o111])) }));
`;
    const { told, wanted } = (await valueOf(text)) as Record<string, unknown>;
    expect(told).toEqual(wanted);
  },
);

rule("the event loop goes on while instances start", OWN, async () => {
  const text = `
await run(["true"]);
let [last, longest] = [performance.now(), 0];
const timer = setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}, 1);
const times = [];
for await (const { result } of batch(Array(200).fill(["true"]), { concurrency: 8 })) times.push(result.times.start);
clearInterval(timer);
times.sort((a, b) => a - b);
console.log(JSON.stringify({ longest, launch: times[100] }));
`;
  const { longest, launch } = (await valueOf(text)) as {
    longest: number;
    launch: number;
  };
  console.log(
    `longest pause of a timer beside 200 instances: ${longest.toFixed(1)} ms; a launch takes ${launch.toFixed(1)} ms`,
  );
  expect(longest).toBeLessThan(1000);
});

rule(
  "a program that stands still when an instance is killed has its result, and starts the next",
  OWN,
  async () => {
    const text = `
import { existsSync } from "node:fs";
await using instance = await spawn(["sleep", "600"]);
instance.kill("SIGKILL");
while (existsSync("/proc/" + instance.pid)) Bun.sleepSync(10);
// Longer than anybody waits for the end before the spawner is killed: both are due at once.
Bun.sleepSync(2200);
const { signal } = await instance.exited;
console.log(JSON.stringify([signal, (await run(["true"])).status]));
`;
    expect(await valueOf(text)).toEqual(["SIGKILL", 0]);
  },
);

rule(
  "what cannot be killed by signal is abandoned in time, and the program goes on",
  OWN,
  async () => {
    // A launch that hangs in the kernel looks the same: its spawner answers nobody.
    const text = `
import { readFileSync } from "node:fs";
const spawners = () => readFileSync("/proc/self/task/" + process.pid + "/children", "latin1").trim().split(" ").map(Number);
await using instance = await spawn(["sleep", "600"]);
for (const spawner of spawners()) process.kill(spawner, "SIGSTOP");
const ended = instance.exited.catch(({ code }) => code);
instance.kill("SIGKILL");
console.log(JSON.stringify([await ended, (await run(["true"])).status]));
`;
    expect(await valueOf(text)).toEqual(["launch", 0]);
  },
);

rule(
  "the directory is that of each call, though another has its path or it is gone",
  OWN,
  async () => {
    const room = makeRoom({ out: {} });
    chmodSync(join(room, "out"), 0o777);
    const text = `
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
const here = ${JSON.stringify(join(room, "out", "here"))};
const seen = [];
for (const content of ["one", "two"]) {
  mkdirSync(here);
  process.chdir(here);
  writeFileSync("file", content);
  const { stdout } = await run(["cat", here + "/file"], { vol: [[".", "."]] });
  seen.push(stdout.text());
  rmSync(here, { recursive: true });
}
seen.push((await run(["pwd"])).stdout.text());
seen.push(await run(["true"], { vol: [[".", "."]] }).catch(({ code }) => code));
console.log(JSON.stringify(seen));
`;
    expect(await valueOf(text)).toEqual(["one", "two", "/\n", "launch"]);
  },
);

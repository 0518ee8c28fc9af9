/** The library: many commands that are asked for at once, of which each turn of the event loop starts one. */

import { expect } from "bun:test";
import { runProgram } from "../harness/library.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";

const OWN = ["root"] as const;

/** Runs a program that writes one JSON text; it must end well. */
async function valueOf<T>(text: string): Promise<T> {
  const result = await runProgram(text);
  expect(result.stderr).toBe("");
  expect(result).toMatchObject({ status: 0, signal: null });
  return JSON.parse(result.stdout) as T;
}

rule(
  "the event loop goes on while 300 are started, and nothing is left of them",
  OWN,
  async () => {
    const text = `
import { readdirSync, readFileSync } from "node:fs";
using planned = plan();
const state = (pid) => readFileSync("/proc/" + pid + "/stat", "latin1").split(") ")[1][0];
const children = () => readFileSync("/proc/self/task/" + process.pid + "/children", "latin1").trim().split(" ");
const descriptors = () => readdirSync("/proc/self/fd").length;
await planned.run(["true"]);
const before = descriptors();
let [most, ticks, last, longest, over] = [0, 0, performance.now(), 0, false];
const count = (seen) => {
  const now = children().length;
  most = Math.max(most, now - seen);
  if (!over) setImmediate(count, now);
};
count(children().length);
const timer = setInterval(() => {
  ticks += 1;
  longest = Math.max(longest, performance.now() - last);
  last = performance.now();
}, 1);
const calls = Array.from({ length: 300 }, (_, at) => planned.run(["sh", "-c", "echo " + at]));
const results = await Promise.all(calls);
over = true;
clearInterval(timer);
const wrong = results.map(({ stdout }) => stdout.text()).filter((text, at) => text !== at + "\\n");
// Those beyond what is kept for the next are reaped though nothing else happens.
while (children().length > 64 || children().some((pid) => state(pid) === "Z")) await Bun.sleep(5);
const kept = children().length;
const launch = results.map(({ times }) => times.start).sort((a, b) => a - b)[150];
const grown = descriptors() - before - 2 * (kept - 1);
console.log(JSON.stringify({ wrong, most, ticks, grown, longest, launch }));
`;
    const found = await valueOf<{
      wrong: string[];
      most: number;
      ticks: number;
      grown: number;
      longest: number;
      launch: number;
    }>(text);
    console.log(
      `longest pause of a timer beside 300 instances: ${found.longest.toFixed(1)} ms; a launch takes ${found.launch.toFixed(1)} ms`,
    );
    expect(found).toMatchObject({ wrong: [] });
    expect(found.grown).toBeLessThanOrEqual(0);
    // From one turn of the loop to the next there is one spawner more at most, and timers run in between.
    expect(found.most).toBeLessThanOrEqual(1);
    expect(found.ticks).toBeGreaterThan(10);
  },
);

rule(
  "what waits for its turn gets what was there at the call",
  OWN,
  async () => {
    const room = makeRoom({ kept: "kept", other: "other", input: "read" });
    const text = `
import { closeSync, openSync, readFileSync } from "node:fs";
const room = ${JSON.stringify(room)};
process.env.AT = "call";
process.chdir("/usr");
const command = ["sh"];
const [kept, input, output] = [openSync(room + "/kept"), openSync(room + "/input"), openSync(room + "/output", "w+")];
const planned = plan({ keepFd: [kept] });
const read = "cat; cat /proc/self/fd/" + kept + "; pwd; echo $AT";
command.push("-c", read);
// Whoever is first in this turn of the loop starts at once.
const first = planned.run(["true"]);
const own = run(["sh", "-c", "pwd; echo $AT"]);
const waiting = planned.run(command, { stdin: input, stdout: output });
process.env.AT = "changed";
process.chdir("/");
command[2] = "echo another";
for (const each of [kept, input, output]) closeSync(each);
for (let at = 0; at < 3; at++) openSync(room + "/other");
planned[Symbol.dispose]();
const late = await planned.run(["true"]).catch(({ message }) => message);
await first;
await waiting;
console.log(JSON.stringify({ own: (await own).stdout.text(), written: readFileSync(room + "/output", "utf8"), late }));
`;
    expect(await valueOf<unknown>(text)).toEqual({
      own: "/usr\ncall\n",
      written: "readkept/usr\ncall\n",
      late: "Cannot start an instance: its plan was disposed",
    });
  },
);

rule(
  "what is aborted or wrong while it waits is never started, and holds nothing",
  OWN,
  async () => {
    const text = `
import { openSync, readdirSync } from "node:fs";
const file = openSync("/etc/passwd");
const path = ${JSON.stringify(makeRoom())};
const options = { vol: [[path, path]] };
await run(["true"], options);
const descriptors = () => readdirSync("/proc/self/fd").length;
const before = descriptors();
const controller = new AbortController();
const touch = (name, more) => run(["touch", path + "/" + name], { ...options, ...more });
const calls = [
  touch("first"),
  touch("aborted", { signal: controller.signal, stdin: file }),
  touch("also", { signal: controller.signal }),
  spawn(["touch", path + "/spawned"], { ...options, signal: controller.signal }),
  touch("closed", { stdout: 1_000_000 }),
  touch("nothing", { stdout: "nothing" }),
  run(["no-such-command"], options),
  touch("last", { timeout: 60_000 }),
];
controller.abort("enough");
const told = await Promise.all(calls.map((call) => call.then(({ status }) => status, (error) => error.message ?? error)));
// Each that has run may have had a spawner of its own, with two descriptors.
const most = before + 2 * (3 - 1);
console.log(JSON.stringify({ told, there: readdirSync(path).sort(), few: descriptors() <= most }));
`;
    expect(await valueOf<unknown>(text)).toEqual({
      told: [
        0,
        "enough",
        "enough",
        "enough",
        "Cannot use descriptor 1000000 as stdout: it is not open",
        'Cannot use "nothing" as stdout: it is neither "pipe", "ignore", "inherit" nor a descriptor',
        'Cannot execute "no-such-command": no such command inside',
        0,
      ],
      there: ["first", "last"],
      few: true,
    });
  },
);

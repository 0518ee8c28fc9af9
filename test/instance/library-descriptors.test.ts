/** keepFd of the library: a command gets what it was given, under the same numbers, and nobody else does. */

import { expect } from "bun:test";
import { runProgram } from "../harness/library.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import type { StartOptions } from "../harness/start-records.ts";

const OWN = ["root"] as const;

/** A program that has descriptors of these numbers from its beginning. */
function holding(numbers: readonly number[]): StartOptions {
  const names = numbers.map(
    (number) => [String(number), `${number}\n`] as const,
  );
  const room = makeRoom(Object.fromEntries(names));
  return { open: numbers.map((number) => [number, `${room}/${number}`]) };
}

/** Those of a command above 2, as it sees them itself. */
const LIST =
  "cd /proc/self/fd; for fd in *; do [ -e $fd ] && [ $fd -gt 2 ] && echo $fd; done";

rule(
  "whatever the numbers are, each is what it was outside, and no other is there",
  OWN,
  async () => {
    const text = `
for (const kept of [[3], [4, 5, 6, 7, 8, 9, 10, 11, 12, 13], [3, 70, 71, 1023], [9, 8, 8], [67, 68, 69]])
  for (const options of [{}, { init: true }, { asRoot: true }, { map: [["/usr", "/x/y"]], net: "none", scratch: true }]) {
    const numbers = [...new Set(kept)].sort((a, b) => a - b);
    const read = numbers.map((number) => "cat /proc/self/fd/" + number).join(";");
    const { stdout, stderr } = await run(["sh", "-c", ${JSON.stringify(LIST)} + ";" + read], { keepFd: kept, ...options });
    const found = stdout.lines().map(Number).sort((a, b) => a - b);
    if (JSON.stringify(found) !== JSON.stringify([...numbers, ...numbers].sort((a, b) => a - b)) || stderr.bytes.length > 0)
      console.log(JSON.stringify([kept, options, stdout.text(), stderr.text()]));
  }
console.log("done");
`;
    const numbers = [...Array(11).keys()].map((each) => each + 3);
    const high = [67, 68, 69, 70, 71, 1023];
    const result = await runProgram(text, holding([...numbers, ...high]));
    expect(result).toMatchObject({ stdout: "done\n", stderr: "" });
  },
);

rule(
  "of many that start at once each has its own, and the others have none",
  OWN,
  async () => {
    const text = `
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
const list = ${JSON.stringify(LIST)};
const found = [];
const keeping = async (turn) => {
  const path = ${JSON.stringify(makeRoom())} + "/" + turn;
  writeFileSync(path, String(turn));
  const file = openSync(path);
  const { stdout } = await run(["sh", "-c", list + "; cat /proc/self/fd/" + file], { keepFd: [file] });
  if (stdout.text() !== file + "\\n" + turn) found.push(stdout.text());
  closeSync(file);
};
const keepingNone = async () => {
  const { stdout } = await run(["sh", "-c", list]);
  if (stdout.text() !== "") found.push(stdout.text());
};
await Promise.all(Array.from({ length: 100 }, (_, turn) => turn % 2 === 0 ? keeping(turn) : keepingNone()));
console.log(JSON.stringify(found));
`;
    const result = await runProgram(text);
    expect(result).toMatchObject({ stdout: "[]\n", stderr: "" });
  },
);

rule(
  "no spawner holds what its instance was given: a pipe ends when the command lets go of it",
  OWN,
  async () => {
    const text = `
import { closeSync } from "node:fs";
import { dlopen, ptr } from "bun:ffi";
const { pipe2 } = dlopen("libc.so.6", { pipe2: { args: ["ptr", "i32"], returns: "i32" } }).symbols;
const CLOEXEC = 0o2000000;
for (const init of [false, true]) {
  const ends = new Int32Array(2);
  pipe2(ptr(ends), CLOEXEC);
  const [read, write] = ends;
  const close = init ? "exit" : "exec " + write + ">&-; sleep 600";
  await using one = await spawn(["bash", "-c", "echo from inside >&" + write + "; " + close], { keepFd: [write], init });
  closeSync(write);
  console.log(await Bun.file(read).text() + one.kill("SIGKILL"));
  await one.exited;
}
`;
    const result = await runProgram(text, { timeout: 20 });
    expect(result.stderr).toBe("");
    expect(result.stdout).toMatch(/^(from inside\n(true|false)\n){2}$/);
  },
);

rule(
  "a plan hands over what a number means when it starts a command",
  OWN,
  async () => {
    const text = `
import { closeSync, openSync, writeFileSync } from "node:fs";
const path = ${JSON.stringify(makeRoom())} + "/file";
const told = [];
writeFileSync(path, "first");
const number = openSync(path);
using planned = plan({ keepFd: [number] });
const look = async () => {
  try {
    const { stdout } = await planned.run(["cat", "/proc/self/fd/" + number]);
    told.push(stdout.text());
  } catch (error) { told.push(error.code + ": " + error.message.replace(number, "N")); }
};
await look();
closeSync(number);
await look();
writeFileSync(path, "second");
if (openSync(path) !== number) throw new Error("another number");
await look();
for (const keepFd of [[2], [1024], [1.5], Array.from({ length: 33 }, (_, at) => at + 3)])
  await run(["true"], { keepFd }).then(() => told.push("ran"), ({ code, message }) => told.push(code + ": " + message));
console.log(told.join("\\n"));
`;
    const result = await runProgram(text);
    expect(result.stderr).toBe("");
    expect(result.stdout.split("\n")).toEqual([
      "first",
      "launch: Cannot keep descriptor N: it is not open",
      "second",
      'usage: Cannot use "2" as N of --keep-fd: it is not a decimal number from 3 to 1023',
      'usage: Cannot use "1024" as N of --keep-fd: it is not a decimal number from 3 to 1023',
      'usage: Cannot use "1.5" as N of --keep-fd: it is not a decimal number from 3 to 1023',
      "usage: Cannot keep 33 descriptors: an instance of the library takes 32 at most",
      "",
    ]);
  },
);

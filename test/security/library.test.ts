/** Instances of the library: what the command inside reaches of the program that started it. */

import { expect } from "bun:test";
import { runProgram } from "../harness/library.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { attack, control } from "./ring.ts";

/** A caller with descriptors that a program passes on unless somebody closes them. */
const OPEN: StartOptions = {
  open: [
    [3, "/"],
    [5, "/etc/passwd"],
    [100, "/dev"],
  ],
};

/** What a command finds of others, one word a finding. HOST is the id of the program. */
const REACH = `
for fd in /proc/self/fd/*; do case $fd in */[0-9]|*/[0-9][0-9]*) n=\${fd##*/}; [ -e $fd ] && [ $n -gt 2 ] && echo descriptor-$n;; esac; done
kill -0 $HOST 2>/dev/null && echo signals
[ -r /proc/$HOST/environ ] && grep -qz SECRET= /proc/$HOST/environ && echo environment
cat /proc/[0-9]*/comm 2>/dev/null | grep -qE '^(bun|selfdock-spawn)' && echo processes
grep -qE 'selfdock|memfd' /proc/self/maps && echo memory
tr '\\0' '\\n' < /proc/self/environ | grep -q SELFDOCK && echo variables
[ $(cut -d' ' -f5 /proc/self/stat) = 0 ] && echo callers-group
echo done
`;

attack(
  "A76",
  "no descriptor, process, memory, group or variable of the program is inside",
  async () => {
    const text = `
const env = { HOST: String(process.pid) };
const script = ${JSON.stringify(REACH)};
for (const options of [{}, { init: true }, { net: "none", hostname: "x" }]) {
  const { stdout, stderr } = await run(["sh", "-c", script], { ...options, env });
  console.log(stdout.text().trim() + stderr.text());
}
await using instance = await spawn(["sh", "-c", script], { env, stdin: "pipe" });
console.log((await new Response(instance.stdout).text()).trim());
`;
    const result = await runProgram(text, { ...OPEN, env: { SECRET: "1" } });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toBe("done\ndone\ndone\ndone\n");
  },
);

control("A76", "without an instance they are there", async () => {
  const script = `HOST=$$; ${REACH}`;
  const env = { SECRET: "1" };
  const result = await runOutside(["/bin/sh", "-c", script], { ...OPEN, env });
  for (const found of ["descriptor-5", "signals", "environment"])
    expect(result.stdout).toContain(found);
});

attack(
  "A76",
  "a command that signals all it can reaches its own instance alone",
  async () => {
    const text = `
const other = await spawn(["sleep", "600"]);
for (const script of ["kill -9 -1; kill -9 0; kill -9 1; exit 0", "kill -9 0; exit 0"])
  for (const init of [false, true])
    await run(["sh", "-c", script], { init });
const { stdout } = await run(["echo", "the program goes on"]);
console.log(stdout.text() + other.kill("SIGKILL") + (await other.exited).signal);
`;
    const result = await runProgram(text);
    expect(result).toMatchObject({ status: 0, signal: null, stderr: "" });
    expect(result.stdout).toBe("the program goes on\ntrueSIGKILL\n");
  },
);

attack(
  "A76",
  "no word, variable or path changes which command runs, or where",
  async () => {
    const room = makeRoom({ secret: "text" });
    const text = `
const room = ${JSON.stringify(room)};
const refused = async (promise) => promise.then(() => "ran", (error) => error instanceof SelfdockError ? error.exitStatus : String(error));
const told = [];
for (const [command, options] of [
  [["sh\\0", "-c", "true"], {}],
  [["sh", "-c\\0", "true"], {}],
  [["true"], { env: { "A\\0B": "c" } }],
  [["true"], { env: { A: "b\\0PATH=/x" } }],
  [["true"], { env: { "A=B": "c" } }],
  [["true"], { env: { "": "c" } }],
  [["true"], { vol: [["/etc\\0x", "/x"]] }],
  [["true"], { cd: "/\\0x" }],
  [["true"], { hostname: "a\\0b" }],
  [["true"], { hide: [""] }],
  [["true"], { map: [["/etc", "/x", "/y"]], action: "write" }],
  [["true"], { rootless: false }],
  [["true"], { name: "a\\0b" }],
  [["true"], { data: [["x", "/x\\0y"]] }],
  [["true"], { __proto__: null, privileged: true }],
]) told.push(await refused(run(command, options)));
process.env.SOME = "a\0LD_PRELOAD=/x";
told.push(await refused(run(["true"])));
delete process.env.SOME;
console.log(told.join(" "));
// What the instance does not show stays hidden, whatever the paths are called.
const { stdout } = await run(["cat", room + "/secret"], { hide: [room] });
console.log(stdout.text() === "");
`;
    const result = await runProgram(text);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toBe(`${Array(16).fill("124").join(" ")}\ntrue\n`);
  },
);

attack(
  "A76",
  "a command can neither fill the program's memory unread nor keep it waiting",
  async () => {
    const text = `
await using endless = await spawn(["sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"]);
const before = process.memoryUsage.rss();
await Bun.sleep(500);
const grown = process.memoryUsage.rss() - before;
// It ignores what it can, and stays behind a closed output.
const stubborn = await run(["sh", "-c", "trap '' TERM INT HUP; exec >&- 2>&-; sleep 600"], { timeout: 100 });
console.log(grown < 32e6, stubborn.signal, stubborn.timedOut);
`;
    const result = await runProgram(text);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toBe("true SIGKILL true\n");
  },
);

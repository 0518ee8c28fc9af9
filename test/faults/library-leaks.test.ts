/** One program that starts very many instances by the library: nothing of it grows. */

import { expect } from "bun:test";
import { runProgram } from "../harness/library.ts";
import { rule } from "../harness/needs.ts";
import { leavesNothing } from "./host-state.ts";
import { newLogin } from "./logins.ts";
import { SOAK } from "./soak.ts";

const TURNS = SOAK ? 100_000 : 1500;
const AT_ONCE = SOAK ? 1000 : 200;
const LANES = 8;
/** What the collector has not come to yet. */
const MARGIN = 24 * 2 ** 20;
const PATIENCE_SECONDS = SOAK ? 3600 : 100;

interface Counts {
  readonly descriptors: number;
  readonly children: number;
  readonly zombies: number;
  readonly threads: number;
  readonly memory: number;
}

const COUNTS = `
import { openSync, readdirSync, readFileSync } from "node:fs";
const status = (pid) => { try { return readFileSync("/proc/" + pid + "/status", "latin1"); } catch { return ""; } };
const counts = async () => {
  Bun.gc(true);
  await Bun.sleep(20);
  const children = readFileSync("/proc/self/task/" + process.pid + "/children", "latin1").trim().split(" ").filter(Boolean);
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    children: children.length,
    zombies: children.filter((pid) => /^State:\\tZ/m.test(status(pid))).length,
    threads: readdirSync("/proc/self/task").length,
    memory: process.memoryUsage.rss(),
  };
};
`;

rule(`${TURNS} instances from one program leave it as it was`, ["root"], () =>
  leavesNothing(async () => {
    const text = `${COUNTS}
const kept = openSync("/etc/passwd");
const kinds = [
  () => run(["true"]),
  () => run(["echo", "some output"], { input: "x" }),
  () => run(["no-such-command"]).catch(() => {}),
  () => run(["sleep", "60"], { signal: AbortSignal.timeout(1) }).catch(() => {}),
  async () => { await using one = await spawn(["cat"], { stdin: "pipe" }); void one; },
  async () => { const one = await spawn(["echo", "unread"]); await one.exited; },
  () => run(["true"], { net: "none", tmpfs: [["size=1m", "/x"]] }),
  () => run(["true"], { keepFd: [kept], data: [["text", "/x"]], scratch: true, name: "it" }),
];
const work = async (turns) => {
  let next = 0;
  const lane = async () => { while (next < turns) { const turn = next++; await kinds[turn % 20 < 14 ? 0 : turn % kinds.length](); } };
  await Promise.all(Array.from({ length: ${LANES} }, lane));
};
await work(Math.min(${TURNS} / 3, 5000));
const before = await counts();
const started = performance.now();
await work(${TURNS});
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ before, after: await counts(), seconds }));
`;
    const login = { ...newLogin("rootless"), timeout: PATIENCE_SECONDS };
    const result = await runProgram(text, login);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const { before, after, seconds } = JSON.parse(result.stdout) as {
      before: Counts;
      after: Counts;
      seconds: number;
    };
    const { memory, threads, zombies, children } = after;
    expect(zombies).toBe(0);
    // Of each of the three plans as many as have run at once, with two descriptors each.
    expect(children).toBeLessThanOrEqual(3 * LANES);
    const others = (counts: Counts) => counts.descriptors - 2 * counts.children;
    expect(others(after)).toBe(others(before));
    expect(memory).toBeLessThan(before.memory + MARGIN);
    expect(threads).toBeLessThanOrEqual(before.threads + 2);
    console.log(
      `library: ${TURNS} instances in ${seconds.toFixed(1)} s, ${after.descriptors} descriptors, ${after.children} spawners, memory ${(before.memory / 2 ** 20).toFixed(1)} MiB before and ${(memory / 2 ** 20).toFixed(1)} MiB after`,
    );
  }),
);

rule(`${AT_ONCE} instances of one program run at once`, ["root"], () =>
  leavesNothing(async () => {
    const text = `${COUNTS}
const instances = await Promise.all(Array.from({ length: ${AT_ONCE} }, () => spawn(["cat"], { stdin: "pipe" })));
const during = await counts();
await Promise.all(instances.map(async (one, number) => {
  const writer = one.stdin.getWriter();
  await writer.write(String(number));
  await writer.close();
  if (await new Response(one.stdout).text() !== String(number)) throw new Error("another's output");
  await one.exited;
}));
for (const one of instances) await one[Symbol.asyncDispose]();
let after;
// Those beyond what is kept for the next end beside.
do after = await counts(); while (after.children > 64);
console.log(JSON.stringify({ during: during.children, after: after.children, descriptors: after.descriptors }));
`;
    const login = { ...newLogin("rootless"), timeout: PATIENCE_SECONDS };
    const result = await runProgram(text, login);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const { during, after, descriptors } = JSON.parse(result.stdout) as {
      during: number;
      after: number;
      descriptors: number;
    };
    expect(during).toBe(AT_ONCE);
    // Those that are kept for the next have two descriptors each.
    expect(after).toBeLessThanOrEqual(64);
    expect(descriptors).toBeLessThan(2 * 64 + 40);
  }),
);

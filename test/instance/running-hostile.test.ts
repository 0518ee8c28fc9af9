/** `ps` and `stop` against names that steer terminals, pids that were used before, and churn. */

import { expect } from "bun:test";
import { probeInstances } from "../../src/launch/probe-instances.ts";
import { stopInstances } from "../../src/launch/stop-instances.ts";
import { rootless } from "../harness/modes.ts";
import { processIsAlive, waitUntil } from "../harness/processes.ts";
import type { Running } from "../harness/run.ts";
import { list } from "./listed.ts";

/** The instance as the kernel tells it, once it is there. */
async function find({ pid }: Running) {
  const look = () => probeInstances({ uid: 1000 }).find((i) => i.pid === pid);
  await waitUntil(`${pid} is an instance`, () => look() !== undefined);
  return look()!;
}

rootless.rule("a command cannot steer the terminal of ps", async () => {
  const evil = "\x1b[2J\nroot  1  1  \u202e\x9b\r";
  const line = ["run", "sh", "-c", "sleep 60", evil, "\xff"];
  const { pid } = await find(rootless.start(line));
  const table = await rootless.output(["ps"]);
  expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const rows = table.split("\n").filter((row) => row.includes("sleep 60"));
  expect(rows.filter((row) => row.includes(` ${pid} `))).toHaveLength(1);
  expect(rows.join()).toContain(String.raw`\x1b[2J\x0aroot`);
});

rootless.rule("a pid that is another's by now is not signalled", async () => {
  const found = await find(rootless.start(["run", "sleep", "60"]));
  for (const stale of [
    { ...found, begin: found.begin - 1 },
    { ...found, firstBegin: found.firstBegin - 1 },
    { ...found, uid: 1001 },
    { ...found, first: found.pid },
    { ...found, pid: process.pid },
    { ...found, pid: process.ppid },
  ])
    stopInstances([stale], 0);
  await Bun.sleep(100);
  expect(processIsAlive(found.pid)).toBe(true);
  stopInstances([found], 10);
  expect(processIsAlive(found.pid)).toBe(false);
  stopInstances([found], 10);
});

rootless.rule("--as-root is an instance like any other", async () => {
  const started = rootless.start(["--as-root", "run", "sleep", "60"]);
  const { pid } = await find(started);
  const members = () =>
    probeInstances({ uid: 1000 }).find((each) => each.pid === pid)?.members;
  await waitUntil("the init has its command", () => members()?.length === 2);
  await rootless.run(["stop", String(members()![1])]);
  await started.ended;
  expect(processIsAlive(pid)).toBe(false);
});

rootless.rule("under churn ps always tells of what stays", async () => {
  const { pid } = await find(rootless.start(["run", "sleep", "60"]));
  const end = new AbortController();
  const churn = [1, 2].map(async () => {
    while (!end.signal.aborted) await rootless.run(["run", "true"]);
  });
  for (let times = 0; times < 40; times++) {
    const mine = (await list(rootless)).filter((each) => each.pid === pid);
    expect(mine).toHaveLength(1);
    expect(mine[0]!.processes).toHaveLength(1);
  }
  end.abort();
  await Promise.all(churn);
});

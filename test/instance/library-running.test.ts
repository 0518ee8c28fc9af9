/** The library, in this process: commands that run beside it, and many of them. */

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { batch, plan, run, SelfdockError, spawn } from "../../src/index.ts";
import type { BatchResult } from "../../src/selfdock.d.ts";
import { processIsAlive } from "../harness/processes.ts";
import { errorOf } from "../harness/rejection.ts";
import { makeRoom } from "../harness/room.ts";

const MIB = 2 ** 20;

describe("streams that are over", () => {
  /** Takes every number that was closed, so that a late use of one is seen. */
  async function withOthers(use: (path: string) => Promise<void>) {
    const path = join(makeRoom({ file: "another's\n" }), "file");
    const others = Array.from({ length: 64 }, () => openSync(path, "r+"));
    await use(path);
    for (const other of others) closeSync(other);
    expect(readFileSync(path, "utf8")).toBe("another's\n");
  }

  test("what is written to a command that has ended goes nowhere", async () => {
    const instance = await spawn(["true"], { stdin: "pipe" });
    await instance.exited;
    await withOthers(async () => {
      const writer = instance.stdin.getWriter();
      expect(await errorOf(writer.write("late"))).toMatchObject({
        message: "Cannot write to the command: it has ended",
      });
    });
  });

  test("of what was given back nothing is read", async () => {
    const instance = await spawn(["echo", "unread"]);
    await instance[Symbol.asyncDispose]();
    await withOthers(async () => {
      expect(await new Response(instance.stdout).text()).toBe("");
    });
  });

  test("a descriptor that is not open is no stream", async () => {
    expect(await errorOf(run(["true"], { stdin: 1_000_000 }))).toMatchObject({
      code: "launch",
      message: "Cannot use descriptor 1000000 as stdin: it is not open",
    });
  });
});

describe("ends", () => {
  test("a timeout that is none starts nothing", async () => {
    const room = makeRoom({ out: {} });
    chmodSync(join(room, "out"), 0o777);
    const options = { vol: [[join(room, "out"), "/out"] as const] };
    for (const timeout of [-1, Number.NaN, 2 ** 31])
      for (const start of [run, spawn]) {
        const error = await errorOf(
          start(["touch", "/out/x"], { ...options, timeout }),
        );
        expect(error.code).toBe("usage");
      }
    expect((await run(["true"], options)).status).toBe(0);
    expect(readdirSync(join(room, "out"))).toEqual([]);
  });

  test("a timeout kills the instance, and the result says so", async () => {
    const before = performance.now();
    const result = await run(["sleep", "60"], { timeout: 50 });
    expect(result).toMatchObject({ signal: "SIGKILL", timedOut: true });
    expect(performance.now() - before).toBeLessThan(20_000);
    const quick = await run(["true"], { timeout: 60_000 });
    expect(quick).toMatchObject({ status: 0, timedOut: false });
  });

  test("an abort kills the instance, and its reason is the error", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const running = run(["sleep", "60"], { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    expect(await running.catch((error: unknown) => error)).toBe(reason);
    const never = run(["sleep", "60"], { signal: controller.signal });
    expect(await never.catch((error: unknown) => error)).toBe(reason);
  });

  test("a signal does what the command line does with it", async () => {
    const plain = await spawn(["sleep", "60"]);
    expect(plain.kill()).toBe(true);
    expect(await plain.exited).toMatchObject({ signal: "SIGTERM" });
    expect(plain.kill()).toBe(false);
    const script =
      "trap 'exit 9' USR1; echo ready; while :; do sleep 0.01; done";
    const handling = await spawn(["sh", "-c", script]);
    await handling.stdout.getReader().read();
    handling.kill("SIGUSR1");
    expect(await handling.exited).toMatchObject({ status: 9, signal: null });
    expect(() => handling.kill("SIGNONE" as never)).toThrow(SelfdockError);
  });

  test("await using kills what still runs", async () => {
    let pid: number;
    {
      await using instance = await spawn(["sleep", "60"]);
      ({ pid } = instance);
      expect(processIsAlive(pid)).toBe(true);
    }
    expect(processIsAlive(pid)).toBe(false);
  });
});

describe("streams", () => {
  test("standard input and output are streams of a running command", async () => {
    await using instance = await spawn(["cat"], { stdin: "pipe" });
    const writer = instance.stdin.getWriter();
    const reader = instance.stdout.getReader();
    for (const text of ["one", "two"]) {
      await writer.write(text);
      expect(Buffer.from((await reader.read()).value!).toString()).toBe(text);
    }
    await writer.close();
    expect((await reader.read()).done).toBe(true);
    expect(await instance.exited).toMatchObject({ status: 0 });
  });

  test("a command whose output nobody reads waits, and nothing of it is lost", async () => {
    const count = join(makeRoom({ written: "" }), "written");
    const script = `for i in $(seq 1 64); do head -c 65536 /dev/zero; echo $i > ${count}; done`;
    await using instance = await spawn(["sh", "-c", script], {
      vol: [[count, count]],
    });
    await Bun.sleep(300);
    expect(Number(readFileSync(count, "latin1"))).toBeLessThan(8);
    const bytes = await new Response(instance.stdout).bytes();
    expect(bytes).toHaveLength(64 * 65536);
  });

  test("a writer to a command that does not read waits, and fails when it has ended", async () => {
    await using instance = await spawn(["sleep", "60"], { stdin: "pipe" });
    const writer = instance.stdin.getWriter();
    const writing = writer.write(new Uint8Array(MIB)).then(
      () => "written",
      () => "failed",
    );
    expect(await Promise.race([writing, Bun.sleep(50)])).toBeUndefined();
    instance.kill("SIGKILL");
    expect(await writing).toBe("failed");
  });

  test("what is no pipe is an empty stream, and a write to it is an error", async () => {
    await using instance = await spawn(["true"], { stdout: "ignore" });
    expect(await new Response(instance.stdout).text()).toBe("");
    const writing = instance.stdin.getWriter().write("x");
    expect(await errorOf(writing)).toMatchObject({ code: "usage" });
  });

  test("a descriptor of this process serves as a stream, and stays as it was", async () => {
    const path = join(makeRoom({ file: "" }), "file");
    const file = openSync(path, "w");
    try {
      await run(["echo", "written"], { stdout: file });
      writeFileSync(file, "more");
    } finally {
      closeSync(file);
    }
    expect(readFileSync(path, "latin1")).toBe("written\nmore");
  });
});

describe("batch", () => {
  async function all(results: AsyncIterable<BatchResult>) {
    const found: BatchResult[] = [];
    for await (const each of results) found.push(each);
    return found;
  }

  test("every command has its result or its error, by its place", async () => {
    const commands = [["true"], ["no-such-command"], ["sh", "-c", "exit 3"]];
    const results = await all(batch(commands));
    const sorted = results.toSorted((a, b) => a.index - b.index);
    expect(sorted.map(({ command }) => command)).toEqual(commands);
    expect(sorted.map(({ result }) => result?.status)).toEqual([
      0,
      undefined,
      3,
    ]);
    expect(sorted[1]!.error).toMatchObject({ code: "not-found" });
  });

  test("as many run at once as were asked for, and each result comes when it is there", async () => {
    const room = makeRoom({ meeting: {} });
    const meeting = join(room, "meeting");
    chmodSync(meeting, 0o777);
    const options = { vol: [[meeting, "/meeting"] as const], timeout: 60_000 };
    // Nobody goes on before all six are there.
    const wait = (count: number) =>
      `while [ $(ls /meeting | wc -l) -lt ${count} ]; do sleep 0.02; done`;
    const commands = Array.from({ length: 6 }, (_, number) => [
      "sh",
      "-c",
      `: > /meeting/${number}; ${wait(6)}`,
    ]);
    const met = await all(batch(commands, { ...options, concurrency: 6 }));
    expect(met.every(({ result }) => result?.status === 0)).toBe(true);
    expect(met).toHaveLength(6);
    // The first waits for what is done when the second's result has come.
    const order: number[] = [];
    const late = [["sh", "-c", wait(7)], ["true"]];
    for await (const { index } of batch(late, { ...options, concurrency: 2 })) {
      order.push(index);
      writeFileSync(join(meeting, "last"), "");
    }
    expect(order).toEqual([1, 0]);
  });

  test("commands may come one by one, and each starts when it has come", async () => {
    async function* slow() {
      yield ["echo", "first"];
      await Bun.sleep(100);
      yield ["echo", "second"];
    }
    const results = await all(batch(slow()));
    expect(results.map(({ result }) => result?.stdout.text())).toEqual([
      "first\n",
      "second\n",
    ]);
  });

  test("leaving the loop kills what runs, and asks for no more commands", async () => {
    let asked = 0;
    function* endless() {
      for (;;) {
        asked += 1;
        yield asked === 1 ? ["true"] : ["sleep", "60"];
      }
    }
    const before = performance.now();
    for await (const { index } of batch(endless(), { concurrency: 3 })) {
      expect(index).toBe(0);
      break;
    }
    expect(performance.now() - before).toBeLessThan(20_000);
    expect(asked).toBeLessThan(6);
  });

  test("an abort ends all, and its reason is the error", async () => {
    const controller = new AbortController();
    const sleeps = Array.from({ length: 10 }, () => ["sleep", "60"]);
    const running = all(
      batch(sleeps, { signal: controller.signal, concurrency: 4 }),
    );
    setTimeout(() => controller.abort(new Error("enough")), 50);
    expect(await running.catch((error: unknown) => error)).toMatchObject({
      message: "enough",
    });
  });
});

describe("many plans and slow takers", () => {
  test("a batch goes on though its plan is no more among those that are kept", async () => {
    const results = batch([["true"], ["true"], ["true"]], { concurrency: 1 });
    expect((await results.next()).value).toMatchObject({ index: 0 });
    for (let turn = 0; turn < 20; turn++)
      await run(["true"], { env: { TURN: String(turn) } });
    expect((await results.next()).value).toMatchObject({ error: null });
    expect((await results.next()).value).toMatchObject({ index: 2 });
  });

  test("who takes results slowly has no more than a few waiting", async () => {
    let asked = 0;
    function* commands() {
      for (; asked < 100; asked++) yield ["true"];
    }
    const results = batch(commands(), { concurrency: 2 });
    await results.next();
    await Bun.sleep(200);
    expect(asked).toBeLessThan(10);
    await results.return();
  });

  test("a plan that was disposed starts nothing more, and ends nothing that runs", async () => {
    const planned = plan();
    const instance = await planned.spawn(["sleep", "600"]);
    planned[Symbol.dispose]();
    expect(processIsAlive(instance.pid)).toBe(true);
    expect((await errorOf(planned.run(["true"]))).message).toBe(
      "Cannot start an instance: its plan was disposed",
    );
    instance.kill();
    expect(await instance.exited).toMatchObject({ signal: "SIGTERM" });
    planned[Symbol.dispose]();
  });
});

/** `ps` and `stop`: what runs is what the kernel says, and nobody else's is ended. */

import { expect } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { forEachMode, rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import {
  descendants,
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { start } from "../harness/run.ts";
import { list, listed, seen } from "./listed.ts";

const OTHER = 1001;

/** Waits until some descendant runs this program. */
async function runs(pid: number, name: string): Promise<void> {
  await waitUntil(`${name} runs`, () =>
    descendants(pid).some((each) => statusField(each, "Name") === name),
  );
}

forEachMode((mode) => {
  mode.rule("ps tells what runs, and as what", async () => {
    const one = mode.start(["-r", "/", "run", "--name", "one", "sleep", "60"]);
    const two = mode.start(["run", "--init", "sh", "-c", "sleep 60; exit"]);
    await runs(two.pid, "sleep");
    const mine = await listed(mode, one);
    expect(mine).toMatchObject({
      name: "one",
      uid: 1000,
      action: "run",
      command: ["sleep", "60"],
      mode: mode.name === "setuid" ? "privileged" : "rootless",
      root: "/",
      stopped: false,
      processes: [mine.init],
    });
    expect(statusField(mine.init, "NSpid")).toBe(`${mine.init}\t1`);
    const other = await listed(mode, two);
    expect(other).toMatchObject({ name: null });
    expect(other.processes).toHaveLength(3);
    const table = await mode.output(["ps"]);
    expect(table).toMatch(/^NAME +PID +INIT +AGE .* COMMAND\n/);
    expect(table).toMatch(
      new RegExp(`^one +${one.pid} +${mine.init} .* / +sleep 60$`, "m"),
    );
  });

  mode.rule("stop ends by name, by pid and by a process inside", async () => {
    for (const word of ["name", "pid", "inside"] as const) {
      const name = `stopped-${process.pid}`;
      const started = mode.start(["run", "--name", name, "sleep", "60"]);
      const { pid, init } = await listed(mode, started);
      const words = { name, pid: String(pid), inside: String(init) };
      const before = performance.now();
      expect(await mode.output(["stop", words[word]])).toBe("");
      expect(performance.now() - before).toBeLessThan(5000);
      expect(await started.ended).toMatchObject({ signal: "SIGTERM" });
      expect(processIsAlive(init)).toBe(false);
    }
  });

  mode.rule("what ignores SIGTERM is killed", async () => {
    const deaf = "trap '' TERM; while :; do sleep 60; done";
    for (const options of [[], ["--init"]]) {
      const started = mode.start(["run", ...options, "sh", "-c", deaf]);
      await runs(started.pid, "sleep");
      const { init } = await listed(mode, started);
      const before = performance.now();
      await mode.output(["stop", "-t", "1", String(started.pid)]);
      expect(performance.now() - before).toBeGreaterThan(900);
      expect(await started.ended).toMatchObject({ signal: "SIGKILL" });
      expect(processIsAlive(init)).toBe(false);
    }
  });

  mode.rule("who interrupts stop waits no longer", async () => {
    const deaf = "trap 'echo told' TERM; while :; do sleep 60 & wait; done";
    const started = mode.start(["run", "sh", "-c", deaf]);
    await runs(started.pid, "sleep");
    const stopping = mode.start(["stop", "-t", "60", String(started.pid)]);
    await waitUntil("it is told", () => started.stdout() === "told\n");
    stopping.kill("SIGINT");
    expect(await stopping.ended).toMatchObject({ signal: "SIGINT" });
    expect(processIsAlive(started.pid)).toBe(true);
    started.kill("SIGKILL");
    await started.ended;
  });

  mode.rule("what is stopped by a signal ends all the same", async () => {
    const started = mode.start(["run", "sleep", "60"]);
    await listed(mode, started);
    started.kill("SIGSTOP");
    await waitUntil("it is stopped", () =>
      (statusField(started.pid, "State") ?? "").startsWith("T"),
    );
    await mode.output(["stop", String(started.pid)]);
    expect(await started.ended).toMatchObject({ signal: "SIGTERM" });
  });

  mode.rule("another user's is neither listed nor stopped", async () => {
    const name = `theirs-${process.pid}`;
    const theirs = mode.start(["run", "--name", name, "sleep", "60"], {
      user: OTHER,
    });
    const { init } = await listed(mode, theirs, OTHER);
    expect(await seen(mode, theirs.pid)).toBeUndefined();
    for (const word of [name, String(theirs.pid), String(init)]) {
      const result = await mode.run(["stop", word]);
      expect(result.status).toBe(124);
      expect(result.stderr).toStartWith(`selfdock: Cannot find "${word}": `);
    }
    expect(processIsAlive(init)).toBe(true);
    expect(await seen(mode, theirs.pid, 0)).toMatchObject({ name });
    await mode.output(["stop", name], { user: 0 });
    expect(await theirs.ended).toMatchObject({ signal: "SIGTERM" });
  });

  mode.rule("a name of two instances is no answer", async () => {
    const name = `twins-${process.pid}`;
    const twins = [1, 2].map(() =>
      mode.start(["run", "--name", name, "sleep", "60"]),
    );
    for (const twin of twins) await listed(mode, twin);
    const { status, stderr } = await mode.run(["stop", name]);
    expect(status).toBe(124);
    expect(stderr).toContain(`called "${name}": there are 2\n`);
    expect(stderr).toContain(`${twins[0]!.pid}`);
    for (const { pid } of twins) expect(processIsAlive(pid)).toBe(true);
  });

  mode.rule("what an instance starts within itself is its own", async () => {
    const name = `nested-${process.pid}`;
    const outer = mode.start([
      "run",
      mode.program(),
      "run",
      "--name",
      name,
      "sh",
      "-c",
      "sleep 60; exit",
    ]);
    await runs(outer.pid, "sleep");
    const { processes } = await listed(mode, outer);
    expect(processes.length).toBeGreaterThanOrEqual(3);
    expect((await list(mode)).filter((each) => each.name === name)).toEqual([]);
    expect((await mode.run(["stop", name])).status).toBe(124);
    await mode.output(["stop", "-t", "1", String(processes.at(-1))]);
    await outer.ended;
  });
});

/** A namespace of its own with pid 1 of ARGS below a program that is not selfdock. */
rule(
  "a program that only calls itself selfdock is not listed",
  ["root"],
  async () => {
    const room = makeRoom();
    const forged = join(room, "selfdock");
    copyFileSync("/usr/bin/unshare", forged);
    const words = ["-Upf", "--kill-child", "sleep", "60"];
    const started = start([forged, ...words], { argv0: "/usr/bin/selfdock" });
    await runs(started.pid, "sleep");
    expect(statusField(started.pid, "Name")).toBe("selfdock");
    expect(await seen(rootless, started.pid)).toBeUndefined();
    const { status } = await rootless.run(["stop", String(started.pid)]);
    expect(status).toBe(124);
    expect(processIsAlive(started.pid)).toBe(true);
  },
);

rule(
  "a container that root has made for the user is not listed",
  ["root"],
  async () => {
    const started = start(["/usr/bin/sleep", "60"], {
      before: ["unshare", "-pf", "--kill-child"],
    });
    await runs(started.pid, "sleep");
    const inside = descendants(started.pid);
    expect(statusField(inside[0]!, "Uid")).toStartWith("1000");
    for (const pid of [started.pid, ...inside]) {
      expect(await seen(rootless, pid)).toBeUndefined();
      expect((await rootless.run(["stop", String(pid)])).status).toBe(124);
    }
    expect(inside.every(processIsAlive)).toBe(true);
  },
);

rule(
  "selfdock that is executed as something else is, by what it is",
  ["root"],
  async () => {
    const room = makeRoom();
    const renamed = join(room, "sleep");
    copyFileSync(rootless.program(), renamed);
    const started = start([renamed, "run", "sleep", "60"], { argv0: "sleep" });
    expect(await listed(rootless, started)).toMatchObject({
      command: ["sleep", "60"],
    });
    await rootless.output(["stop", String(started.pid)]);
    await started.ended;
  },
);

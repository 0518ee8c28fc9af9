/** The command's own process tree: it is pid 1, sees its own, and takes all with it. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { forEachMode } from "../harness/modes.ts";
import {
  commandLine,
  descendants,
  processesWith,
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { runOutside, start } from "../harness/run.ts";

/** An argument of sleep that no other process of this host has. */
function uniqueSeconds(): string {
  return `6${Math.floor(Math.random() * 1e9)}.125`;
}

forEachMode((mode) => {
  mode.rule(
    "the command is pid 1 of its own tree, as the caller, under a read-only root",
    async () => {
      const result = await mode.run([
        "run",
        "sh",
        "-c",
        "echo $$; id -u; touch /x; cat /proc/1/comm",
      ]);
      expect(result.stdout).toBe("1\n1000\nsh\n");
      expect(result.stderr).toContain("Read-only file system");
      // The control: outside the same user is refused for another reason.
      expect((await runOutside(["/usr/bin/touch", "/x"])).stderr).toContain(
        "Permission denied",
      );
    },
  );

  mode.ruleWith(
    "ps shows only the instance's processes",
    ["program:ps"],
    async () => {
      const seconds = uniqueSeconds();
      const other = start(["/bin/sleep", seconds]);
      await waitUntil(
        "the other process runs",
        () => processesWith(seconds).length === 1,
      );
      const inside = (await mode.output(["run", "ps", "-ax", "-o", "pid,comm"]))
        .trim()
        .split("\n");
      expect(inside.slice(1).map((line) => line.trim())).toEqual(["1 ps"]);
      expect(
        (await runOutside(["/usr/bin/ps", "-ax", "-o", "args"])).stdout,
      ).toContain(`sleep ${seconds}`);
      other.kill("SIGKILL");
      await other.ended;
    },
  );

  mode.rule(
    "no process outside can be signalled, not even by kill -1",
    async () => {
      const other = start(["/bin/sleep", uniqueSeconds()]);
      const result = await mode.run([
        "run",
        "sh",
        "-c",
        `kill -KILL ${other.pid}; kill -TERM -1; echo survived`,
      ]);
      expect(result.stderr).toContain("No such process");
      expect(processIsAlive(other.pid)).toBe(true);
      other.kill("SIGKILL");
      await other.ended;
    },
  );

  mode.rule("System V shared memory of the host is not there", async () => {
    const made = await runOutside(["/usr/bin/ipcmk", "--shmem", "4096"]);
    const id = /id: (\d+)/.exec(made.stdout)![1]!;
    expect((await runOutside(["/usr/bin/ipcs", "-m"])).stdout).toMatch(
      new RegExp(`\\b${id}\\b.*4096`),
    );
    expect(await mode.output(["run", "ipcs", "-m"])).not.toContain("4096");
    await runOutside(["/usr/bin/ipcrm", "-m", id]);
  });

  mode.rule("what the command leaves running ends with it", async () => {
    const seconds = uniqueSeconds();
    const script = `setsid sleep ${seconds} & (sleep ${seconds} &); sleep 0.1; echo left`;
    expect(await mode.output(["run", "sh", "-c", script])).toBe("left\n");
    expect(processesWith(seconds)).toEqual([]);
  });

  mode.rule("the instance dies with selfdock", async () => {
    const seconds = uniqueSeconds();
    const running = mode.start([
      "run",
      "sh",
      "-c",
      `setsid sleep ${seconds} & echo ready; wait`,
    ]);
    await waitUntil("the command runs", () => running.stdout() === "ready\n");
    await waitUntil("its child runs", () =>
      processesWith(`sleep ${seconds}`).some((pid) =>
        commandLine(pid).startsWith("sleep"),
      ),
    );
    running.kill("SIGKILL");
    await running.ended;
    await waitUntil(
      "nothing is left",
      () => processesWith(seconds).length === 0,
      3,
    );
  });

  mode.rule("the parent of pid 1 is out of sight", async () => {
    expect(
      await mode.output([
        "run",
        "sh",
        "-c",
        "echo $PPID; set -- /proc/[0-9]*; echo $#",
      ]),
    ).toBe("0\n1\n");
  });

  mode.rule(
    "the supervisor goes by selfdock's name and arguments, and is small",
    async () => {
      const running = mode.start([
        "run",
        "sh",
        "-c",
        "echo ready; exec sleep 77",
      ]);
      await waitUntil("the command runs", () => running.stdout() === "ready\n");
      await waitUntil(
        "the supervisor is in place",
        () =>
          readFileSync(`/proc/${running.pid}/comm`, "utf8") === "selfdock\n",
        3,
      );
      await waitUntil(
        "it holds less than 1 MiB",
        () => parseInt(statusField(running.pid, "RssAnon") ?? "", 10) < 1024,
        3,
      );
      // Within execve there is a moment without arguments.
      await waitUntil(
        "it has arguments",
        () => commandLine(running.pid) !== "",
      );
      const line = ["run", "sh", "-c", "echo ready; exec sleep 77"].join(" ");
      // A baked file has the line within.
      if (mode.name === "baked")
        expect(commandLine(running.pid)).toEndWith("/selfdock");
      else expect(commandLine(running.pid)).toBe(`${mode.program()} ${line}`);
      expect(statusField(running.pid, "Threads")).toBe("1");
      // It has nothing left to gain: whoever takes it over has the user's rights.
      // The command may be there before the launcher is awake again.
      await waitUntil(
        "its ids are the user's",
        () => statusField(running.pid, "Uid") === "1000\t1000\t1000\t1000",
      );
      expect(statusField(running.pid, "CapPrm")).toBe("0000000000000000");
      expect(descendants(running.pid)).not.toEqual([]);
      running.kill("SIGKILL");
      await running.ended;
    },
  );
});

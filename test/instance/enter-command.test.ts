/** What runs by `enter`: status, signals, shell, directory, environment, descriptors. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import {
  processIsAlive,
  statusField,
  waitUntil,
} from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { started } from "./entered.ts";

forEachMode((mode) => {
  mode.rule("the status is the command's, and so is the signal", async () => {
    const { pid } = await started(mode, ["run", "sleep", "60"]);
    const enter = (...words: string[]) =>
      mode.run(["enter", String(pid), ...words]);
    expect(await enter("sh", "-c", "exit 7")).toMatchObject({ status: 7 });
    expect(await enter("sh", "-c", "kill -TERM $$")).toMatchObject({
      signal: "SIGTERM",
    });
    const missing = await enter("no-such-command");
    expect(missing).toMatchObject({ status: 127, stdout: "" });
    expect(await enter("/etc/passwd")).toMatchObject({ status: 126 });
  });

  mode.rule(
    "signals to selfdock reach the command, whose defaults they have",
    async () => {
      const { pid } = await started(mode, ["run", "sleep", "60"]);
      for (const [script, signal, end] of [
        ["exec sleep 61", "SIGTERM", { signal: "SIGTERM" }],
        ["exec sleep 61", "SIGUSR1", { signal: "SIGUSR1" }],
        ["trap 'exit 5' TERM; sleep 61 & wait", "SIGTERM", { status: 5 }],
      ] as const) {
        const entered = await started(mode, [
          "enter",
          String(pid),
          "sh",
          "-c",
          script,
        ]);
        entered.kill(signal);
        expect(await entered.ended).toMatchObject(end);
      }
      expect(processIsAlive(pid)).toBe(true);
    },
  );

  mode.rule("the user's shell, or sh where that is not inside", async () => {
    const { pid } = await started(mode, ["run", "sleep", "60"]);
    const shell = (env: Record<string, string>) =>
      mode.output(["enter", String(pid)], {
        env,
        stdin: "readlink /proc/$$/exe\n",
      });
    expect(await shell({ SHELL: "/bin/bash" })).toContain("bash\n");
    expect(await shell({ SHELL: "/no/such/shell" })).toContain("dash\n");
    expect(await shell({ SHELL: "bash" })).toContain("dash\n");
    expect(await shell({})).toContain("dash\n");
  });

  mode.rule(
    "directory, environment and descriptors are the caller's, with what was asked for",
    async () => {
      const room = makeRoom({ file: "kept" });
      const running = await started(mode, [
        "-t",
        "",
        "/mnt",
        "run",
        "sh",
        "-c",
        "mkdir /mnt/made; sleep 60; exit",
      ]);
      const pid = String(running.pid);
      expect(
        await mode.output(["enter", pid, "pwd"], { cwd: "/usr/lib" }),
      ).toBe("/usr/lib\n");
      expect(await mode.output(["enter", "-C", "/mnt/made", pid, "pwd"])).toBe(
        "/mnt/made\n",
      );
      const none = await mode.run(["enter", "-C", "/mnt/none", pid, "pwd"]);
      expect(none).toMatchObject({ status: 124, stdout: "" });
      expect(none.stderr).toStartWith('selfdock: Cannot enter "/mnt/none": ');
      expect(
        await mode.output(
          [
            "enter",
            "-e",
            "B",
            "two",
            "-E",
            "C",
            pid,
            "sh",
            "-c",
            "echo $A $B $C",
          ],
          {
            env: { A: "one", C: "three" },
          },
        ),
      ).toBe("one two\n");
      const open = [[7, `${room}/file`]] as const;
      expect(
        await mode.output(
          ["enter", "--keep-fd", "7", pid, "sh", "-c", "cat <&7"],
          { open },
        ),
      ).toBe("kept");
      const closed = await mode.run(["enter", pid, "sh", "-c", "cat <&7"], {
        open,
      });
      expect(closed.stdout).toBe("");
      const missing = await mode.run(["enter", "--keep-fd", "8", pid, "id"]);
      expect(missing).toMatchObject({ status: 124, stdout: "" });
    },
  );

  mode.rule("an enter that is stopped does not hold up stop", async () => {
    const running = await started(mode, ["run", "sleep", "60"]);
    const words = ["enter", String(running.pid), "sleep", "61"];
    const entered = await started(mode, words);
    await waitUntil("what entered is minded", async () =>
      (await mode.output(["ps", "--json"])).includes(`${entered.pid}`),
    );
    entered.kill("SIGSTOP");
    await waitUntil("it is stopped", () =>
      (statusField(entered.pid, "State") ?? "").startsWith("T"),
    );
    await mode.output(["stop", "-t", "0", String(running.pid)]);
    expect(await entered.ended).toMatchObject({ signal: "SIGKILL" });
    expect(await running.ended).not.toMatchObject({ status: 0 });
  });
});

/** The exit status: the command's own, or one that says exactly what selfdock could not do. */

import { expect } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { descendants, waitUntil } from "../harness/processes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

forEachMode((mode) => {
  for (const status of [0, 1, 42, 124, 126, 127, 128, 139, 255]) {
    mode.rule(`the command's status ${status} is selfdock's`, async () => {
      expect(
        await mode.run(["run", "sh", "-c", `exit ${status}`]),
      ).toMatchObject({ status, signal: null, stderr: "" });
    });
  }

  // pid 1 is immune to what its own namespace sends, and to all but SIGKILL of
  // what the host does; a fault of its own ends it like any process.
  for (const [signal, code] of [
    ["SIGSEGV", "ctypes.string_at(0)"],
    ["SIGFPE", "ctypes.CFUNCTYPE(None)(ctypes.addressof(code))()"],
  ] as const) {
    mode.rule(
      `a command that dies of ${signal}: selfdock dies of ${signal}, without a word`,
      async () => {
        const script = `
import ctypes, mmap, resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
memory = mmap.mmap(-1, 4096, prot=7)
memory.write(bytes.fromhex("31c9f7f1"))  # xor ecx, ecx; div ecx
code = ctypes.c_char.from_buffer(memory)
${code}`;
        expect(await mode.run(["run", "python3", "-c", script])).toMatchObject({
          status: null,
          signal,
          stderr: "",
        });
        expect(
          await runOutside(["/usr/bin/python3", "-c", script]),
        ).toMatchObject({ status: null, signal });
      },
    );
  }

  mode.rule("a command that is killed: selfdock dies of SIGKILL", async () => {
    const running = mode.start([
      "run",
      "sh",
      "-c",
      "echo ready; exec sleep 60",
    ]);
    await waitUntil("the command runs", () => running.stdout() === "ready\n");
    process.kill(onlyChild(running.pid), "SIGKILL");
    expect(await running.ended).toMatchObject({
      status: null,
      signal: "SIGKILL",
      stderr: "",
    });
  });

  mode.rule("signals to selfdock reach the command", async () => {
    for (const signal of [
      "SIGTERM",
      "SIGINT",
      "SIGHUP",
      "SIGUSR1",
      "SIGUSR2",
      "SIGWINCH",
    ] as const) {
      const script = `trap 'echo got; exit 9' ${signal.slice(3)}; echo ready; while :; do sleep 0.01; done`;
      const running = mode.start(["run", "sh", "-c", script]);
      await waitUntil("the command runs", () => running.stdout() === "ready\n");
      running.kill(signal);
      expect(await running.ended).toMatchObject({
        status: 9,
        stdout: "ready\ngot\n",
      });
    }
  });

  const CASES: readonly (readonly [
    name: string,
    status: number,
    args: readonly string[],
  ])[] = [
    ["a directory is not executable", 126, ["run", "/"]],
    ["a device is not executable", 126, ["run", "/dev/null"]],
    [
      "a file without permission is not executable",
      126,
      ["run", "/etc/passwd"],
    ],
    ["a missing file is not found", 127, ["run", "/1"]],
    [
      "a path below a file is not found, or not executable",
      127,
      ["run", "/no/such/directory/x"],
    ],
    [
      "a name that PATH does not have is not found",
      127,
      ["run", "no-such-command-at-all"],
    ],
    ["an empty name is not found", 127, ["run", ""]],
    [
      "with an empty PATH a name is not found",
      127,
      ["run", "env", "PATH=", "true"],
    ],
    [
      "PATH is that of the instance's environment",
      127,
      ["-e", "PATH", "/etc", "run", "true"],
    ],
  ];
  for (const [name, status, args] of CASES) {
    mode.rule(`${name}: ${status}`, async () => {
      const result = await mode.run(args);
      expect(result).toMatchObject({ status, signal: null, stdout: "" });
      expect(result.stderr).not.toBe("");
      expect(result.stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    });
  }

  mode.rule("a file that is no program and no text is 126", async () => {
    const room = makeRoom({
      binary: entry({ mode: 0o755, text: "\x7fELF\x00\x01garbage" }),
      empty: entry({ mode: 0o755, text: "" }),
    });
    const result = await mode.run(["run", join(room, "binary")]);
    expect(result).toMatchObject({ status: 126, stdout: "" });
  });

  mode.rule(
    "a script without #! runs under /bin/sh, with its arguments",
    async () => {
      const room = makeRoom({
        script: entry({ mode: 0o755, text: 'echo "$0" "$@" $$\n' }),
      });
      expect(await mode.output(["run", join(room, "script"), "a b", ""])).toBe(
        `${room}/script a b  1\n`,
      );
      expect(
        await mode.output(["-e", "PATH", `${room}:/bin`, "run", "script", "x"]),
      ).toBe(`${room}/script x 1\n`);
    },
  );

  mode.rule(
    "the search goes on behind what cannot be executed; if nothing else is found, that is 126",
    async () => {
      const room = makeRoom({
        one: { tool: "no permission" },
        two: { tool: "#!/bin/sh\necho two\n" },
        closed: entry({ mode: 0o700, owner: 0, tree: { tool: "#!/bin/sh\n" } }),
      });
      const path = (...names: string[]): string =>
        names.map((name) => join(room, name)).join(":");
      expect(
        await mode.output([
          "-e",
          "PATH",
          path("nowhere", "one", "closed", "two"),
          "run",
          "tool",
        ]),
      ).toBe("two\n");
      expect(
        (await mode.run(["-e", "PATH", path("one"), "run", "tool"])).status,
      ).toBe(126);
      expect(
        (await mode.run(["-e", "PATH", path("nowhere"), "run", "tool"])).status,
      ).toBe(127);
    },
  );

  mode.rule(
    "an empty member of PATH and a relative command are of the working directory",
    async () => {
      const room = makeRoom({
        tool: "#!/bin/sh\necho here\n",
        sub: { tool: "#!/bin/sh\necho sub\n" },
      });
      expect(
        await mode.output(["-e", "PATH", ":/bin", "run", "tool"], {
          cwd: room,
        }),
      ).toBe("here\n");
      expect(await mode.output(["run", "./tool"], { cwd: room })).toBe(
        "here\n",
      );
      expect(await mode.output(["-C", room, "run", "sub/tool"])).toBe("sub\n");
      expect((await mode.run(["run", "tool"], { cwd: room })).status).toBe(127);
    },
  );

  mode.rule(
    "without PATH in the environment a usual one is searched",
    async () => {
      expect(await mode.output(["-E", "PATH", "run", "echo", "found"])).toBe(
        "found\n",
      );
    },
  );

  mode.rule(
    "a script whose interpreter is missing is named, and is 126 or 127",
    async () => {
      const room = makeRoom({ script: "#!/no/such/interpreter\n" });
      const result = await mode.run(["run", join(room, "script")]);
      expect([126, 127]).toContain(result.status!);
      expect(result.stderr).toContain(join(room, "script"));
    },
  );

  for (const [name, options] of [
    ["SIGCHLD ignored", { ignore: [17] }],
    ["all signals blocked", { block: [0] }],
  ] as const) {
    mode.rule(
      `${name} by the caller: the status still comes, every time`,
      async () => {
        // Who ends first, command or launcher, is a matter of luck.
        for (let attempt = 0; attempt < 20; attempt++) {
          const result = await mode.run(["run", "sh", "-c", "exit 42"], {
            ...options,
            timeout: 5,
          });
          expect(result).toMatchObject({
            status: 42,
            signal: null,
            stderr: "",
          });
        }
      },
    );
  }

  mode.rule("an execute-only program runs", async () => {
    const room = makeRoom({ tool: "" });
    await runOutside(["/bin/cp", "/bin/true", join(room, "tool")], { user: 0 });
    chmodSync(join(room, "tool"), 0o711);
    expect((await mode.run(["run", join(room, "tool")])).status).toBe(0);
  });
});

/** pid 1 of the instance, as the host numbers it. */
function onlyChild(pid: number): number {
  const [child, ...others] = descendants(pid);
  expect(others).toEqual([]);
  return child!;
}

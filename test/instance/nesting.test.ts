/** Instances in instances, 16 deep, each as tight and as whole as the first. */

import { expect } from "bun:test";
import { join } from "node:path";
import { forEachMode, type Mode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** The arguments that run COMMAND at a level: 1 is an instance of the host. */
function atLevel(
  mode: Mode,
  level: number,
  command: readonly string[],
): readonly string[] {
  const inner = Array.from({ length: level - 1 }, () => [
    "run",
    mode.program(),
  ]).flat();
  return [...inner, "run", ...command];
}

/** Everything that must be equal at every level; /tmp and /dev are the instance's own anyway. */
const LISTS = "ls -A /; ls -A /usr/bin; ls -A /dev; ls -A /etc | wc -l";

forEachMode((mode) => {
  mode.rule("16 levels run", async () => {
    expect(await mode.output(atLevel(mode, 16, ["true"]))).toBe("");
    expect(
      await mode.output(atLevel(mode, 16, ["sh", "-c", "echo $$; id -u"])),
    ).toBe("1\n1000\n");
  });

  mode.rule("/ and /usr/bin are equal at levels 1, 2, 3 and 16", async () => {
    const first = await mode.output(atLevel(mode, 1, ["sh", "-c", LISTS]));
    expect(first).toContain(
      (await runOutside(["/bin/ls", "-A", "/usr/bin"])).stdout,
    );
    for (const level of [2, 3, 16]) {
      expect(await mode.output(atLevel(mode, level, ["sh", "-c", LISTS]))).toBe(
        first,
      );
    }
  });

  mode.rule(
    "a mount point made at level 1 leaves all levels equal",
    async () => {
      const room = makeRoom({ file: "mine\n" });
      const name = `selfdock-test-${process.pid}`;
      for (const [targets, shown] of [
        [[`/${name}`], `/${name}`],
        [["/usr/bin/zz-new", "/etc/zz/new"], "/usr/bin/zz-new"],
      ] as const) {
        const maps = targets.flatMap((target) => ["-m", room, target]);
        const first = await mode.output([
          ...maps,
          ...atLevel(mode, 1, ["sh", "-c", LISTS]),
        ]);
        expect(first).toContain(`${shown.split("/").at(-1)}\n`);
        for (const level of [2, 3, 16]) {
          expect(
            await mode.output([
              ...maps,
              ...atLevel(mode, level, ["sh", "-c", LISTS]),
            ]),
          ).toBe(first);
        }
        // What was mapped at level 1 is another mount there, and so covered below.
        expect(
          await mode.output([
            ...maps,
            ...atLevel(mode, 1, ["cat", `${shown}/file`]),
          ]),
        ).toBe("mine\n");
      }
    },
  );

  for (const level of [1, 4, 16]) {
    mode.rule(
      `at level ${level} / and /dev take no files, /dev/null is a device, /tmp is empty and writable`,
      async () => {
        const script =
          "cp /bin/true /x; cp /bin/true /dev/x; test -c /dev/null && echo > /dev/null && echo device; ls -A /tmp; echo > /tmp/x && ls /tmp; ls /x /dev/x";
        const result = await mode.run(
          atLevel(mode, level, ["sh", "-c", script]),
        );
        expect(result.stdout).toBe("device\nx\n");
        expect(
          result.stderr.match(/Read-only file system|Permission denied/g),
        ).toHaveLength(2);
        expect(result.stderr.match(/No such file/g)).toHaveLength(2);
      },
    );
  }

  const ROOT_FLAGS = [
    "sh",
    "-c",
    `grep ' / ' /proc/mounts | tail -n1 | cut -d' ' -f4 | cut -d, -f1`,
  ];

  mode.rule(
    "build makes / writable in /proc/mounts; run in build and build in run do not",
    async () => {
      expect(await mode.output(["build", ...ROOT_FLAGS])).toBe("rw\n");
      expect(await mode.output(["run", ...ROOT_FLAGS])).toBe("ro\n");
      expect(
        await mode.output(["build", mode.program(), "run", ...ROOT_FLAGS]),
      ).toBe("ro\n");
      const inner = await mode.run([
        "run",
        mode.program(),
        "build",
        ...ROOT_FLAGS,
      ]);
      expect(inner.stdout).not.toContain("rw");
      const write = await mode.run([
        "run",
        mode.program(),
        "build",
        "sh",
        "-c",
        `echo > ${join(makeRoom(), "file")}`,
      ]);
      expect(write.stderr).toMatch(/Read-only file system|Cannot/);
      expect(write.status).not.toBe(0);
    },
  );

  mode.rule("volumes can be handed down", async () => {
    const room = makeRoom();
    const nested = [
      "-v",
      room,
      "/srv",
      "run",
      mode.program(),
      "-v",
      "/srv",
      "/media",
      "run",
      "sh",
      "-c",
      "echo deep > /media/file",
    ];
    await mode.output(nested);
    expect(await Bun.file(join(room, "file")).text()).toBe("deep\n");
  });

  mode.rule(
    "a level that dies by a signal says so to the one above",
    async () => {
      const result = await mode.run([
        "run",
        mode.program(),
        "run",
        "python3",
        "-c",
        "import ctypes; ctypes.string_at(0)",
      ]);
      // The inner selfdock is pid 1 there and immune to its own signals, so it gives 128 + 11.
      expect(result).toMatchObject({ status: 139, signal: null });
    },
  );
});

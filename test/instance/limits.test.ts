/** --ulimit and --hostname. */

import { expect } from "bun:test";
import { hostname } from "node:os";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import { forEachMode } from "../harness/modes.ts";

forEachMode((mode) => {
  mode.rule("the command has the limits that are asked for", async () => {
    const words = ["--ulimit=nofile=64:128", "--ulimit=core=0", "--init"];
    const script = "ulimit -n; ulimit -Hn; ulimit -Hc";
    for (const options of [words, words.slice(0, 2)])
      expect(await mode.output([...options, "run", "sh", "-c", script])).toBe(
        "64\n128\n0\n",
      );
  });

  mode.rule("no hard limit is raised", async () => {
    const words = [
      "--ulimit",
      "core=unlimited",
      "run",
      "sh",
      "-c",
      "ulimit -c",
    ];
    const options = { limits: [[RLIMIT.CORE, 0, 0]] } as const;
    const result = await mode.run(words, options);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toContain(
      "Cannot limit core: operation not permitted",
    );
    expect(result.stderr).toContain("hint: a hard limit can be lowered");
  });

  mode.rule(
    "a limit that leaves no room for anything still starts",
    async () => {
      const words = ["--ulimit", "nofile=4", "--init"];
      expect(await mode.output([...words, "run", "/bin/echo", "x"])).toBe(
        "x\n",
      );
    },
  );

  mode.rule("the host has another name inside, and only there", async () => {
    const before = hostname();
    const words = ["--hostname", "inside", "run", "sh", "-c"];
    expect(
      await mode.output([...words, "uname -n; cat /proc/sys/kernel/hostname"]),
    ).toBe("inside\ninside\n");
    expect(hostname()).toBe(before);
    expect(await mode.output(["run", "uname", "-n"])).toBe(`${before}\n`);
  });
});

/** What `selfdock batch` tells a terminal while it runs. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** One line, cut where the terminal ends, so that the next one takes its place on a narrow one, too; and then what stays. */
const SHOWN =
  /^(?:\r\x1b\[\?7lselfdock: \d done, 0 failed, \d running, \d+\/s\x1b\[K\x1b\[\?7h)+\r\x1b\[Kselfdock: 2 commands, [^\r]*\r\n$/;

forEachMode((mode) => {
  mode.rule(
    "one line tells how far it is, and makes way for anything else",
    async () => {
      const cwd = makeRoom({ commands: "sleep 1\n".repeat(2) });
      const line = `${mode.program()} batch -j2 commands`;
      const words = ["/usr/bin/script", "-qec", line, "/dev/null"];
      const { stdout, status } = await runOutside(words, { cwd });
      expect(status).toBe(0);
      expect(stdout).toMatch(SHOWN);
    },
  );

  mode.rule("who types commands is not written over", async () => {
    const line = `${mode.program()} batch`;
    const words = ["/usr/bin/script", "-qec", line, "/dev/null"];
    const { stdout } = await runOutside(words, { stdin: "sleep 1\n\x04" });
    expect(stdout).toEndWith("\r\n");
    expect(stdout).toContain("selfdock: 1 command, 0 failed, ");
    expect(stdout).not.toContain("done");
  });

  mode.rule("in the background there is none", async () => {
    const cwd = makeRoom({ commands: "sleep 1\n".repeat(2) });
    const line = `sh -mc '${mode.program()} batch -j2 commands & wait'`;
    const words = ["/usr/bin/script", "-qec", line, "/dev/null"];
    const { stdout } = await runOutside(words, { cwd });
    expect(stdout).toMatch(/^selfdock: 2 commands, 0 failed, [^\r]*\r\n$/);
  });

  mode.rule("without a terminal there is none", async () => {
    const result = await mode.run(["batch"], { stdin: "sleep 0.5\n" });
    expect(result.stderr).toMatch(/^selfdock: 1 command, 0 failed, [^\r]*\n$/);
  });
});

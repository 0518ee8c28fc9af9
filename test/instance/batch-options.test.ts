/** `selfdock batch` with options of run that tell who its instances are. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { processesWith, waitUntil } from "../harness/processes.ts";

forEachMode((mode) => {
  mode.rule("--as-root is root in each, with an init", async () => {
    const script =
      "echo $(id -u) $$; touch /tmp/x && chown 0:0 /tmp/x; touch /etc/x || exit 7";
    const result = await mode.run(["batch", "-j2", "--as-root"], {
      stdin: `sh -c '${script}'\n`.repeat(4),
    });
    expect(result).toMatchObject({ status: 123, stdout: "0 2\n".repeat(4) });
    expect(result.stderr.match(/exit status 7/g)).toHaveLength(4);
  });

  mode.rule("--as-root leaves nothing when it is killed", async () => {
    const stdin = "sh -c 'trap \"\" TERM; setsid sleep 61.7'\n".repeat(4);
    const running = mode.start(["batch", "-j2", "--as-root"], { stdin });
    const sleeping = () => processesWith("sleep 61.7").length;
    await waitUntil("two run", () => sleeping() >= 2);
    running.kill("SIGKILL");
    await running.ended;
    await waitUntil("all have ended", () => sleeping() === 0);
  });

  mode.rule("--name is what ps calls them", async () => {
    const name = `twins-${process.pid}`;
    const running = mode.start(["batch", "-j2", "--name", name], {
      stdin: "sleep 61.8\n".repeat(2),
    });
    await waitUntil("both run", () => processesWith("sleep 61.8").length === 2);
    const { stdout } = await mode.run(["ps"]);
    const rows = stdout.split("\n").filter((row) => row.startsWith(`${name} `));
    expect(rows.map((row) => row.endsWith("sleep 61.8"))).toEqual([true, true]);
    running.kill("SIGTERM");
    expect((await running.ended).signal).toBe("SIGTERM");
  });
});

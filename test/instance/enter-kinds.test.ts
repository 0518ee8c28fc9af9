/** `enter`: instances that a baked file has made, and those with a scratch root. */

import { expect } from "bun:test";
import { join } from "node:path";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { start } from "../harness/run.ts";
import { started } from "./entered.ts";

rootless.rule("what enters sees the changes of a --scratch root", async () => {
  const running = await started(rootless, [
    "run",
    "--scratch",
    "sh",
    "-c",
    "echo changed > /tmp/selfdock-entered; exec sleep 60",
  ]);
  const told = ["enter", String(running.pid), "cat", "/tmp/selfdock-entered"];
  expect(await rootless.output(told)).toBe("changed\n");
});

rule("an instance of a baked file is entered", ["root"], async () => {
  const file = join(makeRoom(), "baked");
  const line = ["bake", "-o", file, "run", "sleep", "60"];
  expect(await rootless.run(line)).toMatchObject({ status: 0 });
  const running = start([file], {});
  await waitUntil("the command runs", () =>
    descendants(running.pid).some(
      (pid) => statusField(pid, "Name") === "sleep",
    ),
  );
  const told = ["enter", String(running.pid), "cat", "/proc/1/cmdline"];
  expect(await rootless.output(told)).toBe("sleep\x0060\0");
});

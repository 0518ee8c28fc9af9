/**
 * Plain lines are launched by stage 0, and Bun never starts: what is launched is
 * the very Program that Bun would have played, and what fails is told the same.
 */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { STAGE0_ADDRESS } from "../../src/stage0/handover.ts";
import { makeReady } from "../../src/stage0/ready-made.ts";
import type { ReadyName } from "../../src/stage0/ready-made.ts";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { parseExecutable } from "../../syscalls/elf.ts";
import { renderProgram } from "../../syscalls/render.ts";
import { EMBEDDED_OFFSET } from "../../syscalls/standalone.ts";
import { forEachMode } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { waitUntil } from "../harness/processes.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";
import { runOutside, start } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";
import { requestOf } from "../unit/plan/samples.ts";

const { launches, embedded } = makeReady(requestOf());

/** How each of the launches is come by. */
const STARTS: Readonly<
  Record<ReadyName, { program: () => string; options: StartOptions }>
> = {
  rootless: { program: plainProgram, options: {} },
  setuid: { program: setuidProgram, options: {} },
  root: { program: plainProgram, options: { user: 0 } },
};

const NAMES = Object.keys(STARTS) as readonly ReadyName[];

/** Bun's way ends with an execution; its environment tells. */
async function isReadyMade(
  name: ReadyName,
  args: readonly string[],
): Promise<boolean> {
  const { program, options } = STARTS[name];
  const command = [...args, "sh", "-c", "echo ready; exec sleep 9"];
  const running = start([program(), ...command], options);
  const waits = String(SYSCALL.rt_sigtimedwait);
  await waitUntil(
    "it is supervised",
    () =>
      running.stdout() === "ready\n" &&
      readFileSync(`/proc/${running.pid}/syscall`, "latin1").split(" ")[0] ===
        waits,
  );
  const environment = readFileSync(`/proc/${running.pid}/environ`, "latin1");
  running.kill("SIGKILL");
  await running.ended;
  return !environment.startsWith("SELFDOCK_SUPERVISE=");
}

describe.each(NAMES)("%s:", (name) => {
  rule(
    "plain lines are played by stage 0, others by Bun",
    ["root"],
    async () => {
      expect(await isReadyMade(name, ["run"])).toBe(true);
      expect(await isReadyMade(name, ["run", "--"])).toBe(true);
      expect(await isReadyMade(name, ["--", "run"])).toBe(false);
      expect(await isReadyMade(name, ["-C", "/", "run"])).toBe(false);
      expect(await isReadyMade(name, ["build"])).toBe(false);
    },
  );

  rule("the Program is what Bun plans on this host", ["root"], async () => {
    const { program, options } = STARTS[name];
    const line = [program(), "--dry-run", "run", "true"];
    const { stdout } = await runOutside(line, options);
    const [planned] = stdout.split("\n# The starter, ");
    const { launch } = launches[name];
    const own = renderProgram(launch.program).replace(
      "command's arguments = u64 at &handover.commandIndex + 0",
      "command's arguments = 3",
    );
    expect(planned!.split("\n")).toEqual(own.split("\n"));
  });
});

test("the artifact holds them as they are planned", () => {
  const artifact = parseExecutable(readFileSync(plainProgram()));
  const segment = artifact.headers.find(
    ({ address }) => address === STAGE0_ADDRESS,
  )!;
  const at = segment.offset + EMBEDDED_OFFSET;
  const { bytes } = embedded;
  expect(artifact.bytes.subarray(at, at + bytes.length)).toEqual(bytes);
});

forEachMode((mode) => {
  const FAILING: readonly (readonly string[])[] = [
    ["/no/such/command"],
    ["no-such-command"],
    ["/etc/passwd"],
    ["/etc"],
    [""],
    ["./no/such"],
    ["/proc/self/exe"],
    ["/dev/null"],
  ];
  const lines = FAILING.map((command) => [JSON.stringify(command), command]);
  for (const [name, command] of lines as [string, readonly string[]][])
    mode.rule(
      `what cannot be executed is told as by Bun: ${name}`,
      async () => {
        const told = await mode.run(["run", "--", ...command]);
        expect(told.status).toBeOneOf([124, 126, 127]);
        const byBun = await mode.run([
          "run",
          "--net",
          "host",
          "--",
          ...command,
        ]);
        expect(told).toMatchObject({
          status: byBun.status,
          stdout: "",
          stderr: byBun.stderr,
        });
      },
    );
});

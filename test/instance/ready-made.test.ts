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
import { READY_REQUESTS } from "../unit/plan/samples.ts";

const { launches, embedded } = makeReady(READY_REQUESTS);

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
  line: string,
  cwd = "/usr",
): Promise<boolean> {
  const { program } = STARTS[name];
  const options = { ...STARTS[name].options, cwd };
  const args = line.split(" ");
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
      for (const line of [
        "run",
        "run --",
        "-v . . run",
        "run -v . .",
        "-v . . run --",
        "run -v . . --",
      ])
        expect(`${line}: ${await isReadyMade(name, line)}`).toBe(
          `${line}: true`,
        );
      for (const line of [
        "-- run",
        "-C / run",
        "build",
        "-v . . build",
        "-v . . -v . . run",
        "-v . . run -v . .",
        "-v . /mnt run",
        "-v / /mnt run",
        "-m . . run",
        "--vol . . run",
        "run -v . /mnt",
      ])
        expect(`${line}: ${await isReadyMade(name, line)}`).toBe(
          `${line}: false`,
        );
    },
  );

  rule("the Program is what Bun plans on this host", ["root"], async () => {
    const { program, options } = STARTS[name];
    for (const [form, words, index] of [
      ["plain", [], 3],
      ["here", ["-v", ".", "."], 6],
    ] as const) {
      const line = [program(), "--dry-run=steps", ...words, "run", "true"];
      const { stdout } = await runOutside(line, { ...options, cwd: "/usr" });
      const [planned] = stdout.split("\n# The starter, ");
      const { launch } = launches[form][name];
      const own = renderProgram(launch.program)
        .replace(
          "command's arguments = u64 at &handover.commandIndex + 0",
          `command's arguments = ${index}`,
        )
        .replaceAll("/caller's directory", "/usr");
      expect(planned!.split("\n")).toEqual(own.split("\n"));
    }
  });

  rule(
    "-v . . at the root, or in a directory that is gone, is Bun's",
    ["root"],
    async () => {
      const { program, options } = STARTS[name];
      const line = [program(), "-v", ".", ".", "run", "true"];
      const told = await runOutside(line, { ...options, cwd: "/" });
      expect(told.status).toBe(124);
      expect(told.stderr).toContain("it is the root");
      const gone = [
        "/bin/sh",
        "-c",
        'mkdir /tmp/$$ && cd /tmp/$$ && rmdir /tmp/$$ && exec "$@"',
        "sh",
      ];
      const lost = await runOutside([...gone, ...line], options);
      expect(lost.status).toBe(124);
      expect(lost.stderr).toContain("Cannot ");
    },
  );
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

/**
 * Lines of ordinary options are launched by stage 0, and Bun never starts; what
 * fails is told as by Bun. That the instances are equal: test/faults/ways.test.ts.
 */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { STAGE0_ADDRESS } from "../../src/stage0/handover.ts";
import { makeReady } from "../../src/stage0/ready-made.ts";
import { parseExecutable } from "../../syscalls/elf.ts";
import { EMBEDDED_OFFSET } from "../../syscalls/standalone.ts";
import { forEachMode } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { supervises, waitUntil } from "../harness/processes.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";
import { runOutside, start } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

const { embedded } = makeReady();

/** How each of the launches is come by. */
const STARTS: Readonly<
  Record<
    "rootless" | "setuid" | "root",
    { program: () => string; options: StartOptions }
  >
> = {
  rootless: { program: plainProgram, options: {} },
  setuid: { program: setuidProgram, options: {} },
  root: { program: plainProgram, options: { user: 0 } },
};

type Start = keyof typeof STARTS;

const NAMES = Object.keys(STARTS) as readonly Start[];

/** Bun's way ends with an execution; its environment tells. */
async function isReadyMade(
  name: Start,
  line: string,
  cwd = "/usr",
): Promise<boolean> {
  const { program } = STARTS[name];
  const options = { ...STARTS[name].options, cwd };
  const args = line.split(" ");
  const command = [...args, "sh", "-c", "echo ready; exec sleep 9"];
  const running = start([program(), ...command], options);
  await waitUntil(
    "it is supervised",
    () => running.stdout() === "ready\n" && supervises(running.pid),
  );
  const environment = readFileSync(`/proc/${running.pid}/environ`, "latin1");
  running.kill("SIGKILL");
  await running.ended;
  return !environment.startsWith("SELFDOCK_SUPERVISE=");
}

/** Those of ordinary options, which stage 0 reads, and those that it leaves to Bun. */
const BY_STAGE0 = [
  "run",
  "run --",
  "build",
  "-v . . run",
  "run -v . . --",
  "-C / run",
  "-v . . -v . /mnt run",
  "-m /usr/share /mnt run",
  "--vol . . run -e A b -E HOME",
  "--map /usr/share /mnt --hide /etc/hostname run",
  "--net none run",
  "-t size=1m /tmp --init run",
  "--hostname a.b-c --name some_name run",
  "-r / run",
];
const BY_BUN = [
  "--net=host run",
  "--ulimit nofile=64 run",
  "-t mode=700 /mnt run",
  "-m /usr/share /mnt/. run",
  "-e A b -e A c run",
];

describe.each(NAMES)("%s:", (name) => {
  rule(
    "lines of ordinary options are played by stage 0, others by Bun",
    ["root"],
    async () => {
      for (const line of BY_STAGE0)
        expect(`${line}: ${await isReadyMade(name, line)}`).toBe(
          `${line}: true`,
        );
      for (const line of BY_BUN)
        expect(`${line}: ${await isReadyMade(name, line)}`).toBe(
          `${line}: false`,
        );
    },
  );

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
        const byBun = await mode.run(["run", "--net=host", "--", ...command]);
        expect(told).toMatchObject({
          status: byBun.status,
          stdout: "",
          stderr: byBun.stderr,
        });
      },
    );
});

/**
 * Signals that pid 1 of an instance does not take do to the instance what they
 * do to the bare command, however pid 1 blocks them meanwhile.
 */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { waitUntil } from "../harness/processes.ts";
import { start } from "../harness/run.ts";

const PYTHON = "/usr/bin/python3";
const CASES: readonly (readonly [name: string, program: string])[] = [
  ["takes none", "time.sleep(20)"],
  ["ignores it", "signal.signal(15, signal.SIG_IGN); ready(); time.sleep(0.3)"],
  [
    "handles it",
    "signal.signal(15, lambda *_: sys.exit(5)); ready(); time.sleep(20)",
  ],
  [
    "blocks it, and lets it in later",
    "block([15]); ready(); time.sleep(0.5); unblock([15]); time.sleep(20)",
  ],
  [
    "blocks it for moments, as shells do",
    "ready()\nwhile True: block([15]); time.sleep(0.001); unblock([15]); time.sleep(0.001)",
  ],
  ["blocks it for good", "block([15]); ready(); time.sleep(0.5); sys.exit(6)"],
  [
    "blocks it, and handles it later",
    "block([15]); ready(); time.sleep(0.3); signal.signal(15, lambda *_: sys.exit(7)); unblock([15]); time.sleep(20)",
  ],
  [
    "waits for it in sigwait",
    "block([15]); ready(); signal.sigwait([15]); time.sleep(0.3); sys.exit(8)",
  ],
  [
    "waits for it again and again",
    "block([15]); ready()\nwhile not signal.sigtimedwait([15], 0.001): pass\nsys.exit(9)",
  ],
  [
    "waits for another",
    "block([10]); ready(); signal.sigwait([10]); sys.exit(10)",
  ],
];
const HEAD = `import signal, sys, time
block = lambda s: signal.pthread_sigmask(signal.SIG_BLOCK, s)
unblock = lambda s: signal.pthread_sigmask(signal.SIG_UNBLOCK, s)
def ready(): print("ready", flush=True)
`;

forEachMode((mode) => {
  for (const [name, program] of CASES) {
    mode.rule(`a pid 1 that ${name}`, async () => {
      const body = program.includes("ready()")
        ? program
        : `ready(); ${program}`;
      const command = [PYTHON, "-c", HEAD + body];
      const endings = [];
      const starts = [
        () => start(command),
        () => mode.start(["run", ...command]),
      ];
      for (const startOne of starts) {
        const running = startOne();
        await waitUntil("it is ready", () => running.stdout() === "ready\n");
        await Bun.sleep(20);
        running.kill("SIGTERM");
        const { status, signal } = await running.ended;
        endings.push({ status, signal });
      }
      expect(endings[1]).toEqual(endings[0]);
    });
  }
});

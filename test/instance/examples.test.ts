/** Every example does what it says, with the library as it is built. */

import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const PATIENCE = 60_000;

/** What each one writes. */
const OUTPUTS: Readonly<Record<string, RegExp>> = {
  "run.ts": /^0\n(.+\n)+read-only\n\nstatus 0, [\d.]+ ms, [\d.]+ KiB\n$/,
  "spawn.ts": /^6\n12\n18\n\{\n {2}status: 0,/,
  "batch.ts": /^(status 1: sh -c .*\n){4}200 commands, 4 failures\n$/,
  "script.ts": /^\/job\/script is process 1 of \d+\nit was stopped\n$/,
  "test-runner.ts": /^passed alone\.test\.ts\npassed source\.test\.ts\n$/,
};

describe("examples", () => {
  test("each is known here", () => {
    const names = readdirSync(join(ROOT, "examples"));
    const examples = names.filter((name) => name.endsWith(".ts"));
    expect(examples.toSorted()).toEqual(Object.keys(OUTPUTS).toSorted());
  });

  for (const [name, output] of Object.entries(OUTPUTS))
    test(
      name,
      () => {
        const words = [process.execPath, join("examples", name)];
        const child = Bun.spawnSync(words, { cwd: ROOT, stdin: "ignore" });
        const lines = child.stdout.toString();
        // Results of a batch come as they end.
        const told =
          name === "test-runner.ts"
            ? `${lines.trim().split("\n").toSorted().join("\n")}\n`
            : lines;
        expect(told).toMatch(output);
        expect(child.exitCode).toBe(0);
      },
      PATIENCE,
    );
});

/** For test-runner.ts: what a test finds in an instance of its own. */

import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";

test("nobody else has left anything in /tmp", () => {
  expect(readdirSync("/tmp")).toEqual([]);
  writeFileSync("/tmp/mine", "");
});

test("no other process is to be seen", () => {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  expect(processes).toEqual(["1"]);
});

/** For test-runner.ts: a test cannot change its own source. */

import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";

test("the source can be read, not written", () => {
  expect(() => writeFileSync(import.meta.path, "")).toThrow("EROFS");
});

test("nobody else has left anything in /tmp", () => {
  expect(readdirSync("/tmp")).toEqual([]);
  writeFileSync("/tmp/mine", "");
});

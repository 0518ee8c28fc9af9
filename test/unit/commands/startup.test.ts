/** What every start loads stays small: help, messages and their packages come later. */

import { expect, test } from "bun:test";
import { join } from "node:path";

test("reading a line loads no package and little code", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "../../../src/commands/parse-line.ts")],
    target: "bun",
    minify: true,
    packages: "external",
  });
  expect(outputs.length).toBe(1);
  const text = await outputs[0]!.text();
  expect(text).not.toMatch(/\bimport(\(|\{|\*|\s+\w+\s+from)|\brequire\(/);
  expect(text.length).toBeLessThan(40 * 1024);
});

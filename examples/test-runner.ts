/**
 * A test runner, each file in an instance of its own: no test sees another's
 * files in /tmp, processes or network, none can change the source, and none
 * outlives its time.
 *
 *     bun examples/test-runner.ts [FILE…]
 */

import { plan } from "selfdock";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "tests");
const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : [...new Bun.Glob("*.test.ts").scanSync({ cwd: root, absolute: true })];

const bun = process.execPath;
const sandbox = plan({
  map: [
    [dirname(bun), dirname(bun)],
    [root, root],
  ],
  tmpfs: [["size=64m", "/tmp"]],
  cd: root,
  net: "none",
  env: { HOME: "/tmp" },
});

let failed = 0;
for await (const { command, result, error } of sandbox.batch(
  files.toSorted().map((file) => [bun, "test", file]),
  { timeout: 60_000 },
)) {
  if (error !== null) throw error;
  const passed = result.status === 0;
  const name = relative(root, String(command[2]));
  console.log(`${passed ? "passed" : "FAILED"} ${name}`);
  if (passed) continue;
  failed += 1;
  console.log(result.timedOut ? "took too long" : result.stderr.text());
}
process.exitCode = failed === 0 ? 0 : 1;

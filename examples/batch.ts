/** Many commands, a few at once, until a deadline: each in an instance of its own. */

import { batch } from "selfdock";

const commands = Array.from({ length: 200 }, (_, number) => [
  "sh",
  "-c",
  `exit $((${number} % 50 == 49))`,
]);

let failures = 0;
const before = performance.now();
for await (const { command, result, error } of batch(commands, {
  concurrency: 4,
  signal: AbortSignal.timeout(60_000),
})) {
  if (error !== null) throw error;
  if (result.status === 0) continue;
  failures += 1;
  console.log(`status ${result.status}: ${command.join(" ")}`);
}
const seconds = (performance.now() - before) / 1000;
console.log(`${commands.length} commands, ${failures} failures`);
console.error(`${(commands.length / seconds).toFixed(0)} a second`);

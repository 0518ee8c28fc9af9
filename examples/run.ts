/** One command to its end: its output, its status, what it took. */

import { run } from "selfdock";

const { status, stdout, times, peakMemory } = await run(
  ["sh", "-c", "id -u; ls /; touch /etc/new 2>/dev/null || echo read-only"],
  { net: "none", hide: ["/root"] },
);

console.log(stdout.text());
console.log(
  `status ${status}, ${times.wall.toFixed(1)} ms, ${peakMemory / 1024} KiB`,
);

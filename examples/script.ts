/** A script from elsewhere: a file in memory, without a network, under a name for `selfdock ps`, until a deadline. */

import { run } from "selfdock";

const script = `
echo "$0 is process $$ of $(ls -d /proc/[0-9]* | wc -l)"
while :; do sleep 1; done
`;

const { stdout, timedOut } = await run(["sh", "/job/script"], {
  data: [[script, "/job/script"]],
  name: "job",
  net: "none",
  ulimit: { nofile: 64, cpu: 10 },
  timeout: 500,
});

console.log(stdout.text().trimEnd());
console.log(timedOut ? "it was stopped" : "it has ended");

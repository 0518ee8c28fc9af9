/**
 * The only switch of this host that the ring moves: fs.suid_dumpable, for the
 * time of one body. It is put back in any case, by a shell that waits for the
 * end of a pipe even where this process is killed.
 */

import { readFileSync, writeFileSync } from "node:fs";

const SWITCH = "/proc/sys/fs/suid_dumpable";

/** Runs BODY with the switch at VALUE. */
export async function withSuidDumpable(
  value: 0 | 1 | 2,
  body: () => Promise<void>,
): Promise<void> {
  const before = readFileSync(SWITCH, "utf8").trim();
  const script =
    'trap "" INT TERM HUP; while read -r line; do :; done; echo "$1" > "$2"';
  const keeper = Bun.spawn(
    ["setsid", "sh", "-c", script, "keeper", before, SWITCH],
    { stdin: "pipe", stdout: "ignore", stderr: "ignore", cwd: "/" },
  );
  try {
    writeFileSync(SWITCH, String(value));
    await body();
  } finally {
    writeFileSync(SWITCH, before);
    await keeper.stdin.end();
    await keeper.exited;
  }
}

/**
 * `enter` while process ids are used again, as fast as that can be: in a pid
 * namespace of the test's own, which has a few hundred of them.
 */

import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { probeInstances } from "../../src/launch/probe-instances.ts";
import { probeTarget } from "../../src/launch/probe-target.ts";
import type { Handover } from "../../src/launch/read-handover.ts";
import { waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { reportAttempts } from "./attempts.ts";
import { attack, SOAK } from "./ring.ts";

const SECONDS = SOAK ? 600 : 5;

/** Root's script: SELFDOCK is $1, the time in seconds $2. Instances of two users come and go, and the first enters his. */
const SCRIPT = `
S=$1 END=$(($(date +%s) + $2))
echo 420 > /proc/sys/kernel/pid_max
as() { user=$1; shift; setpriv --reuid $user --regid $user --clear-groups "$@"; }
live() { [ $(date +%s) -lt $END ]; }
come_and_go() { while live; do as $1 $S run --name $2 --hostname $2 sleep 0.4; done; }
come_and_go 1000 mine-a & come_and_go 1000 mine-b & come_and_go 1001 theirs &
tries=0 entered=0 wrapped=0 last=0
while live; do
  pid=$(as 1000 $S ps | while read name pid rest; do [ $name = mine-a ] && echo $pid; done)
  [ "$pid" ] && [ $pid -lt $last ] && wrapped=$((wrapped + 1))
  [ "$pid" ] && last=$pid
  for word in mine-a mine-b theirs $pid $pid; do
    tries=$((tries + 1))
    out=$(as 1000 $S enter $word sh -c 'hostname; id -u; stat -c %u /proc/1' 2>/dev/null) || continue
    entered=$((entered + 1))
    set -- $out
    [ "$2" = 1000 ] && [ "$3" = 1000 ] || echo "breach: $word: $out"
    case $word:$1 in
      mine-a:mine-a|mine-b:mine-b|[0-9]*:mine-[ab]) ;;
      *) echo "breach: $word: $out" ;;
    esac
  done
done
wait
echo "tries $tries entered $entered wrapped $wrapped"
`;

attack(
  "A59",
  "with process ids used again all the time, only the instance that was meant is entered",
  async (way) => {
    const script = join(makeRoom(), "churn");
    writeFileSync(script, SCRIPT);
    const words = ["/bin/sh", script, way.program(), String(SECONDS)];
    const before = ["unshare", "-mpf", "--mount-proc", "--kill-child"];
    const result = await runOutside(words, {
      user: 0,
      before,
      timeout: SECONDS + 60,
    });
    expect(result.stdout).not.toContain("breach:");
    const counts = /tries (\d+) entered (\d+) wrapped (\d+)/.exec(
      result.stdout,
    )!;
    const [tries, entered, wrapped] = counts.slice(1).map(Number);
    reportAttempts("A59 enter while pids are used again", way.name, {
      attempts: tries!,
      won: 0,
    });
    expect(entered!).toBeGreaterThan(3);
    expect(wrapped!).toBeGreaterThan(0);
  },
);

attack(
  "A59",
  "what is another process by the time it is opened is not entered",
  async (way) => {
    const started = way.start(["run", "sleep", "60"]);
    const look = () =>
      probeInstances({ uid: 1000 }).find(({ pid }) => pid === started.pid);
    await waitUntil("it is an instance", () => look() !== undefined);
    const found = look()!;
    expect(found.mode).toBe(way.name === "setuid" ? "privileged" : "rootless");
    const handover = { uid: 1000, savedUid: 0, gid: 1000 } as Handover;
    for (const stale of [
      { ...found, begin: found.begin - 1 },
      { ...found, firstBegin: found.firstBegin - 1 },
      { ...found, first: found.pid },
      { ...found, pid: process.pid },
    ])
      expect(() => probeTarget(stale, handover)).toThrow(/^Cannot enter/);
    // The control: the same one is.
    expect(probeTarget(found, handover).pid).toBe(found.first);
  },
);

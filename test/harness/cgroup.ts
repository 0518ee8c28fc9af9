/**
 * A cgroup with room for so many processes, as `before` of a start: it is removed
 * behind the program, and mounted in a mount namespace of its own. What still
 * runs in it then is ended, and the status is 99.
 */

import { rootOf } from "./roots.ts";

const SCRIPT = `
set -e
mount -t cgroup -o pids none "$1" 2>/dev/null || mount -t cgroup2 none "$1"
own="$1/selfdock-test-$$"
mkdir "$own"
echo "$2" > "$own/pids.max" || { rmdir "$own"; exit 98; }
shift 2
status=0
timeout --foreground --signal KILL 20 sh -c '
echo $$ > "$0/cgroup.procs"
exec "$@"' "$own" "$@" || status=$?
turn=0
until rmdir "$own" 2>/dev/null; do
  turn=$((turn + 1))
  [ $turn -le 300 ]
  if [ $turn -ge 200 ]; then
    status=99
    xargs -r kill -KILL < "$own/cgroup.procs"
  fi
  sleep 0.01
done
exit $status`;

export function cgroupOf(processes: number): readonly string[] {
  const isolated = ["unshare", "--mount", "--propagation", "private"];
  const words = [rootOf("cgroup"), String(processes)];
  return [...isolated, "sh", "-c", SCRIPT, "cgroup", ...words];
}

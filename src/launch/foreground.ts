/** Whether somebody looks at the terminal for this process, or for a shell that has it in the background. */

import { readText } from "./read-proc.ts";

/** Where proc_pid_stat(5) has them behind the name. */
const [PROCESS_GROUP, FOREGROUND_GROUP] = [2, 5];

/** So it is where there is no terminal that could be another's. */
export function inForeground(): boolean {
  const stat = readText("/proc/self/stat") ?? "";
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const foreground = Number(fields[FOREGROUND_GROUP]);
  return !(foreground > 0) || foreground === Number(fields[PROCESS_GROUP]);
}

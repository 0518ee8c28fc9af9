/** As tolerated.table.ts, of the steps around a launch in a baked file: the caller's state, the message, the supervisor. */

import type { Tolerated } from "./tolerated.table.ts";

export const FRAME_TOLERATED: readonly Tolerated[] = [
  {
    step: /^openat\(AT_FDCWD, "\/dev\/null", .*\) or no \/dev\/null$/,
    reason: "no instance, and it says so",
  },
  {
    step: /^(root = openat|statx|statmount)\(.*\) or it does not$/,
    reason: "no instance, and it says so",
  },
  {
    step: /^(directory = openat\(AT_FDCWD, "\."|size of the directory's path = getcwd\().* or go on$/,
    reason:
      "counts as a directory that is gone: the command begins in the root",
    changes: /^[-+] (\. directory .*|PWD=.*|\/\S*)$/,
  },
  {
    step: /^(waitid\(P_PID, value, &child, .*|write\(stderr, &message, size\)) or go on$/,
    reason: "only to say why there is no instance",
  },
  {
    step: /^switch = openat\(.*\) or not this switch$/,
    reason: "another hint",
  },
  {
    step: /^size = read\(switch, .*\) or go on$/,
    reason: "another hint",
  },
  {
    step: /^prctl\(PR_SET_DUMPABLE, 1, .*\) or go on$/,
    reason: "only for who debugs the supervisor",
  },
  {
    step: /^(relay = clone3|relayed = rt_sigtimedwait|rt_sigqueueinfo|setpgid)\(.*relay.*|^relay = clone3\(.*/,
    reason: "the terminal's signals do not reach the supervisor by it",
  },
  {
    step: /^(ioctl\((terminal|[012]), TIOC_[GS]PGRP, .*|kill\(minus the group, 0\)) or (next descriptor|leave the terminal|take the terminal|go on)$/,
    reason: "the terminal stays with whom it is",
  },
  {
    step: /^size of the report = read\(init's reports, .*\) or done: (last )?reports$/,
    reason: "the init's own end counts",
  },
  {
    step: /^(prlimit64\(0, RLIMIT_CORE|rt_sigaction\((status|signal to (stop|end) by)|kill\(own id), .*\) or go on$/,
    reason: "it does not stop, or ends by its status",
  },
  {
    step: /^kill\((instance's pid 1|whom to continue|relay), .*\) or go on$/,
    reason: "a signal that is not passed on",
  },
  {
    step: /^(process's file = openat|size of the text = read)\(.*\) or (pid 1 is gone|taken|not waiting|go on)$/,
    reason: "what the instance takes is not known: it has ended",
  },
  {
    step: /^(own file = openat|statx)\(.*\) or not known$/,
    reason: "no file of PATH is passed over",
  },
  {
    step: /^process_vm_readv\(instance's pid 1, .*\) or not waiting$/,
    reason: "it counts as one that does not wait for signals",
  },
];

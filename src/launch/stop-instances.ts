/**
 * Ends instances. Security model: see pidfd.ts; the kernel decides who may
 * signal whom, and nothing but the instances that were found is ever signalled.
 */

import { closeSync } from "node:fs";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { SelfdockError } from "../plan/error.ts";
import { openProcess, signalProcess, waitForProcess } from "./pidfd.ts";
import { isSameInstance, isSelfdockOf } from "./probe-instances.ts";
import type { FoundInstance } from "./probe-instances.ts";

/** For a process that SIGKILL has been sent to, in milliseconds. */
const DYING = 5000;

interface Held {
  readonly instance: FoundInstance;
  readonly selfdock: number;
  readonly first: number;
}

/** SIGTERM to all; SIGKILL to what has not ended after `seconds`. */
export function stopInstances(
  instances: readonly FoundInstance[],
  seconds: number,
): void {
  const held = instances.map(hold).filter((each) => each !== null);
  for (const { selfdock, instance } of held) {
    send(selfdock, "TERM", instance);
    if (instance.stopped) send(selfdock, "CONT", instance);
  }
  const end = performance.now() + seconds * 1000;
  for (const each of held) {
    const left = Math.max(0, end - performance.now());
    if (!waitForProcess(each.selfdock, left)) killInstance(each);
    closeSync(each.selfdock);
    closeSync(each.first);
  }
}

/** Descriptors of the instance's own processes; null if it has ended. */
function hold(instance: FoundInstance): Held | null {
  const selfdock = openProcess(instance.pid);
  const first = openProcess(instance.first);
  if (selfdock >= 0 && first >= 0 && isSameInstance(instance))
    return { instance, selfdock, first };
  for (const opened of [selfdock, first]) {
    if (opened >= 0) closeSync(opened);
    else if (opened !== -ERRNO.ESRCH) throw refusal(instance, -opened);
  }
  return null;
}

/** Its pid 1 first, so that selfdock ends as it should; selfdock itself where it does not. */
function killInstance({ instance, selfdock, first }: Held): void {
  signalProcess(first, "KILL");
  continueEntered(instance);
  if (waitForProcess(selfdock, instance.stopped ? 0 : DYING)) return;
  send(selfdock, "KILL", instance);
  if (waitForProcess(selfdock, DYING)) return;
  throw new SelfdockError(
    "launch",
    `Cannot stop ${instance.pid}: it was killed and has not ended`,
  );
}

/**
 * Its pid namespace ends when all that was in it has been waited for: also by
 * those that mind what has entered, and may be stopped.
 */
function continueEntered({ entered, uid }: FoundInstance): void {
  for (const pid of entered) {
    const selfdock = openProcess(pid);
    if (selfdock < 0) continue;
    if (isSelfdockOf(pid, uid)) signalProcess(selfdock, "CONT");
    closeSync(selfdock);
  }
}

function send(
  descriptor: number,
  signal: "TERM" | "CONT" | "KILL",
  instance: FoundInstance,
): void {
  const answer = signalProcess(descriptor, signal);
  if (answer < 0 && answer !== -ERRNO.ESRCH) throw refusal(instance, -answer);
}

function refusal({ pid }: FoundInstance, errno: number): SelfdockError {
  return new SelfdockError(
    "launch",
    `Cannot stop ${pid}: the kernel refuses (errno ${errno})`,
  );
}

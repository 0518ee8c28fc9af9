/**
 * Ends instances. Security model: see pidfd.ts; the kernel decides who may
 * signal whom, and nothing but the instances that were found is ever signalled.
 * Where a spawner minds one, pid 1 itself is signalled, so that the spawner and
 * who has asked it live on.
 */

import { closeSync } from "node:fs";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { SelfdockError } from "../plan/error.ts";
import {
  explainUnopened,
  openProcess,
  saysGone,
  signalProcess,
  waitForProcess,
} from "./pidfd.ts";
import { isSameInstance, isSelfdockOf } from "./probe-instances.ts";
import type { FoundInstance } from "./probe-instances.ts";
import { probeSignal } from "./probe-signal.ts";

/** For a process that SIGKILL has been sent to, in milliseconds. */
const DYING = 5000;

interface Held {
  readonly instance: FoundInstance;
  /** Descriptors of what minds it, of its pid 1, and of the one of both that is told to end. */
  readonly minder: number;
  readonly first: number;
  readonly told: number;
}

/** SIGTERM to all; SIGKILL to what has not ended after `seconds`. */
export function stopInstances(
  instances: readonly FoundInstance[],
  seconds: number,
): void {
  const held = instances.map(hold).filter((each) => each !== null);
  for (const { minder, told, instance } of held) {
    send(told, wayToEnd(instance), instance);
    if (instance.stopped) send(minder, "CONT", instance);
  }
  const end = performance.now() + seconds * 1000;
  for (const each of held) {
    const left = Math.max(0, end - performance.now());
    if (!waitForProcess(each.told, left)) killInstance(each);
    closeSync(each.minder);
    closeSync(each.first);
  }
}

/** Descriptors of the instance's own processes; null if it has ended. */
function hold(instance: FoundInstance): Held | null {
  const minder = openProcess(instance.pid);
  const first = openProcess(instance.first);
  const told = instance.asker === null ? minder : first;
  if (minder >= 0 && first >= 0 && isSameInstance(instance))
    return { instance, minder, first, told };
  for (const opened of [minder, first]) {
    if (opened >= 0) closeSync(opened);
    else if (!saysGone(-opened))
      throw refusal(instance, ...explainUnopened(-opened));
  }
  return null;
}

/** selfdock passes SIGTERM on, and knows what becomes of one that a pid 1 would never see. */
function wayToEnd({ asker, first }: FoundInstance): "TERM" | "KILL" {
  const dropped = probeSignal(first, SIGNAL.TERM) === "dropped";
  return asker !== null && dropped ? "KILL" : "TERM";
}

/** Its pid 1 first, so that selfdock ends as it should; selfdock itself where it does not. */
function killInstance({ instance, minder, first, told }: Held): void {
  signalProcess(first, "KILL");
  continueEntered(instance);
  const waits = told === minder && instance.stopped ? 0 : DYING;
  if (waitForProcess(told, waits)) return;
  if (told === minder) {
    send(minder, "KILL", instance);
    if (waitForProcess(minder, DYING)) return;
  }
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
  if (answer < 0 && answer !== -ERRNO.ESRCH)
    throw refusal(instance, `the kernel refuses (errno ${-answer})`);
}

function refusal(
  { pid }: FoundInstance,
  state: string,
  hint: string | null = null,
): SelfdockError {
  return new SelfdockError("launch", `Cannot stop ${pid}: ${state}`, hint);
}

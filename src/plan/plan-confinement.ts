/**
 * What the target can never get back, and what it gets back as the caller had
 * it. Security model: behind this part there is no privilege left, in no set of
 * capabilities and no id, and every later step runs with the target's own rights.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { closeRange, keepAtExecute } from "../../syscalls/calls/files.ts";
import {
  clearAmbientSet,
  dropBoundingSet,
  setAllUsers,
  setCapabilities,
  setEffectiveUser,
  setFilter,
  setNoNewPrivileges,
  setRealUser,
} from "../../syscalls/calls/identity.ts";
import {
  checkAlive,
  dieWithParent,
  restoreSignalMask,
  setLimit,
  setSignalAction,
} from "../../syscalls/calls/processes.ts";
import { flag, named } from "../../syscalls/calls/operands.ts";
import { F, O } from "../../syscalls/constants/open.table.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import {
  compute,
  load,
  loop,
  jumpIf,
  set,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { instanceFilter } from "../../syscalls/seccomp/filter.ts";
import { GO_MASK } from "./starter/go.ts";
import { handedOver } from "../stage0/handover.ts";
import type { Instance } from "./instance.ts";
import { isElevated } from "./plan-clone.ts";
import type { ReceivedDescriptors } from "./plan-received-descriptors.ts";
import type { Turn } from "./plan-turn.ts";
import { ROOT } from "./privilege.ts";

/** What is open that the command gets, or that executes it. */
interface OwnDescriptors {
  /** The starter's file. */
  readonly starter: Slot;
  readonly received: ReceivedDescriptors;
}

/** What the command waits for, and where the child ends if it waits in vain. */
interface Waiting {
  readonly launcher: Slot;
  readonly turn: Turn;
  readonly dead: Label;
}

/** Signals that Bun ignores, whatever the caller did. */
const BUN_IGNORES = [SIGNAL.PIPE, SIGNAL.XFSZ] as const;

export function planConfinement(
  instance: Instance,
  { launcher, turn, dead, ...ours }: Waiting & OwnDescriptors,
): void {
  const { p, order, capabilities } = instance;
  planPrivilegeLoss(instance, capabilities);
  planCallerState(instance);
  planDeath(p, launcher, dead);
  turn.wait(dead);
  planDescriptors(instance, ours);
  // Last, since they may leave no room for a descriptor. Without privilege: no hard limit is raised.
  order.eachLimit(({ name, resource, limit }) =>
    p.part(`limit ${name}`, () => setLimit(p, resource, limit)),
  );
}

/** For good, but for the numbered capabilities. */
export function planPrivilegeLoss(
  instance: Instance,
  capabilities: readonly number[],
): void {
  const { p, facts, caller } = instance;
  p.part("give up every privilege", () => {
    setNoNewPrivileges(p);
    if (isElevated(instance)) setEffectiveUser(p, ROOT);
    dropBoundingSet(p, capabilities);
    // Root's clone passes over RLIMIT_NPROC; who becomes the user anew is held
    // to it at the next execve. setrlimit(2).
    if (isElevated(instance)) setRealUser(p, ROOT);
    if (isElevated(instance)) setAllUsers(p, caller.uid);
    setCapabilities(p, capabilities);
    clearAmbientSet(p);
    setFilter(
      p,
      "terminal input, keyrings and other processes' descriptors are out of reach",
      instanceFilter({ joining: facts.mode === "rootless" }),
    );
  });
}

export function planCallerState(instance: Instance): void {
  const { p } = instance;
  p.part("give the command the caller's state", () => {
    const files = named("RLIMIT", RLIMIT, "NOFILE");
    setLimit(p, files, handedOver("fileLimit"));
    p.call("umask", [instance.umask]);
    planSignals(instance);
  });
}

/** Behind the last change of ids, which would clear the signal. */
export function planDeath(
  p: ProgramBuilder,
  launcher: Slot,
  dead: Label,
): void {
  p.part("end with the launcher", () => {
    dieWithParent(p);
    checkAlive(p, launcher, dead);
  });
}

/**
 * Before anything is looked up on the command's behalf: a path may lead through
 * /proc/self/fd, and what we hold open lies in the host's mount namespace. The
 * starter's file gets a number of its own.
 */
export function planDescriptors(
  instance: Instance,
  ours: OwnDescriptors,
): void {
  instance.p.part("close every descriptor that the command does not keep", () =>
    planClosing(instance, ours),
  );
}

function planClosing(
  { p, order }: Instance,
  { starter, received }: OwnDescriptors,
): void {
  const { report, executable, aboveExecutable, kept, ...each } =
    order.descriptors;
  const above = p.slot("starter above");
  const move = named("F", F, "DUPFD_CLOEXEC");
  p.call("fcntl", [starter, move, aboveExecutable], { result: above });
  p.call("dup3", [above, executable, flag("O", O.CLOEXEC)]);
  received.forEach((descriptor, at) =>
    p.call("dup3", [descriptor, kept[at]!, 0]),
  );
  each.eachGap((first, last) => closeRange(p, [first, last]));
  each.eachKept((descriptor, name) => keepAtExecute(p, descriptor, name));
  keepAtExecute(p, report, "of the reports");
}

/** Dispositions as they were: handlers of the launcher are gone by CLONE_CLEAR_SIGHAND. */
function planSignals({ p }: Instance): void {
  const [ignored, rest] = [p.slot("ignored signals"), p.slot("signals left")];
  const [signal, bit] = [p.slot("signal"), p.slot("signal's bit")];
  load(p, ignored, 8, [handedOver("ignoredSignals"), 0]);
  set(p, rest, ignored);
  set(p, signal, 0);
  loop(p, "ignored signals", (leave) => {
    jumpIf(p, [rest, "==", 0], leave);
    compute(p, signal, [signal, "+", 1]);
    compute(p, bit, [rest, "&", 1]);
    compute(p, rest, [rest, ">>", 1]);
    when(p, [bit, "!=", 0], () => setSignalAction(p, signal, "IGN"));
  });
  for (const own of BUN_IGNORES) {
    compute(p, bit, [
      ignored,
      "&",
      shown(1n << BigInt(own - 1), `1 << ${own - 1}`),
    ]);
    when(p, [bit, "==", 0], () => setSignalAction(p, own, "DFL"));
  }
  // All else is as the caller has it; the starter waits for this one.
  const blocked = p.slot("blocked signals");
  load(p, blocked, 8, [handedOver("blockedSignals"), 0]);
  compute(p, blocked, [blocked, "|", shown(GO_MASK, "go")]);
  restoreSignalMask(p, addressOf(blocked));
}

/** The launcher's own steps: before the child is there, and when it has been let go. */

import {
  readCapabilities,
  setAllUsers,
  setDumpable,
  writeCapabilities,
} from "../../syscalls/calls/identity.ts";
import {
  EVERY_SIGNAL,
  cloneBeside,
  cloneProcess,
  setSignalAction,
  setSignalMask,
} from "../../syscalls/calls/processes.ts";
import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { flag, named } from "../../syscalls/calls/operands.ts";
import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { CLONE } from "../../syscalls/constants/clone.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { CAP_USER_DATA } from "../../syscalls/structs.ts";
import {
  planMappingIds,
  planWaitForIds,
  subordinateIds,
} from "./plan-id-helpers.ts";
import {
  planStarterPipe,
  planStarterReport,
} from "./starter/plan-starter-launch.ts";
import type {
  StarterOutcome,
  StarterPipe,
} from "./starter/plan-starter-launch.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { planDataReading } from "./plan-data-reading.ts";
import type { AllDataRead } from "./plan-data-reading.ts";
import { planLastWord } from "./plan-last-word.ts";
import { planProcessGroup } from "./plan-process-group.ts";
import type { ProcessGroup } from "./plan-process-group.ts";

const NONE = 0 as Flags<"CLONE">;

export interface Clone {
  readonly child: Slot;
  /** The read end of a pipe that nobody but the launcher holds open for writing: it hangs up when that ends. */
  readonly launcher: Slot;
  readonly group: ProcessGroup;
  /** 1 if there is no command in the end. */
  readonly failed: Slot;
  readonly pipe: StarterPipe;
  /** What the child makes files of. */
  readonly read: AllDataRead;
  /** Writes what the parent does when the child has executed or ended. */
  planParent(): StarterOutcome;
}

/** Everything up to the first steps of the child, whose faults go to `childFailed`. */
export function planClone(instance: Instance, childFailed: Label): Clone {
  const { p, facts, caller } = instance;
  const parent = p.label("the parent goes on");
  const child = p.slot("child");
  const [launcher, lifeline] = [p.slot("launcher"), p.slot("lifeline")];
  const failed = p.slot("child has failed");
  const [read, group, pipe] = p.faultsTo(parent, () => [
    planDataReading(instance),
    planProcessGroup(instance),
    planStarterPipe(instance),
  ]);
  let before: Data | null = null;
  p.faultsTo(parent, () => {
    p.part("prepare the launch", () => {
      setSignalMask(p, EVERY_SIGNAL);
      // Of an ignored SIGCHLD's child the kernel keeps no status.
      setSignalAction(p, SIGNAL.CHLD, "DFL");
      planDirectory(instance);
      // Only a traceable process may write its own id maps; there is no privilege in this one.
      if (facts.mode === "rootless") setDumpable(p, true);
      planLifeline(p, launcher, lifeline);
    });
    p.part("make a process in new namespaces", () => {
      if (isElevated(instance)) before = planAdministration(p);
      if (subordinateIds(instance) === null) {
        cloneProcess(p, planFlags(instance), child);
        jumpIf(p, [child, "!=", 0], parent);
      } else planCloneBeside(instance, { child, parent });
    });
  });
  p.faultsTo(childFailed, () =>
    p.part("begin as the user, without the launcher's lifeline", () => {
      if (before !== null) writeCapabilities(p, before);
      p.call("close", [lifeline]);
      planWaitForIds(instance, launcher, childFailed);
    }),
  );
  const planParent = () =>
    p.part("go on in the launcher", () => {
      p.place(parent);
      if (isElevated(instance)) planGivingUp(p, caller.uid);
      when(p, [failed, "==", 0], () => group.planBegin(child));
      planMappingIds(instance, { child, lifeline });
      const outcome = planStarterReport(instance, pipe, { child, failed });
      read.planRelease();
      when(p, [failed, "!=", 0], () => group.planReturn());
      p.call("chdir", [p.text("/")], { failure: "continue" });
      // Where it has failed before they were made, 0 is the caller's standard input.
      for (const end of [launcher, lifeline])
        when(p, [end, "!=", 0], () =>
          p.call("close", [end], { failure: "continue" }),
        );
      p.control("stop", [0]);
      return outcome;
    });
  return { child, launcher, group, failed, pipe, read, planParent };
}

/**
 * Adds CAP_SYS_ADMIN, for a clone with the user's effective id: so the namespaces
 * count among those that the user may have, and not among root's. Returns what
 * there was before. namespaces(7), "The /proc/sys/user directory".
 */
function planAdministration(p: ProgramBuilder): Data {
  const before = readCapabilities(p, "the user's capabilities");
  const sets = p.buffer("the user's, and CAP_SYS_ADMIN", CAP_USER_DATA.size);
  p.control("copy", [sets, before, CAP_USER_DATA.size]);
  const effective = addressOf(sets, CAP_USER_DATA.fields.effective.offset);
  store(p, 4, [effective, 0], shown(2 ** CAP.SYS_ADMIN, "CAP_SYS_ADMIN"));
  writeCapabilities(p, sets);
  return before;
}

/** Ours is another, which nobody has named. */
function planDirectory({ p, caller, usesDirectory }: Instance): void {
  const { directory } = caller;
  when(p, [-1, "<", directory], () => p.call("fchdir", [directory]));
  if (usesDirectory)
    when(p, [directory, "<", 0], () => p.fail(ERRNO.EACCES, "your directory"));
}

/**
 * A process's descriptors are closed before its children are told of its death:
 * so a child that has asked for the signal too late finds the pipe hung up.
 */
export function planLifeline(p: ProgramBuilder, read: Slot, write: Slot): void {
  const ends = p.buffer("ends of the lifeline", 8);
  p.call("pipe2", [ends, flag("O", O.CLOEXEC)]);
  load(p, read, 4, [addressOf(ends), 0]);
  load(p, write, 4, [addressOf(ends), 4]);
}

/** Root is given up for good, or the process ends here, and its instance with it: JavaScript must never have it. */
export function planGivingUp(p: ProgramBuilder, uid: Slot): void {
  const [kept, given] = [p.label("root is not given up"), p.label("no root")];
  p.faultsTo(kept, () => setAllUsers(p, uid));
  p.control("jump", [given]);
  p.place(kept);
  planLastWord(p, "Cannot give up root for good: the kernel refuses it");
  p.place(given);
}

/** Whether root is the saved id of an ordinary user. */
export function isElevated({ facts }: Instance): boolean {
  return facts.mode === "privileged" && facts.caller.uid !== 0;
}

/** The parent does not sleep: it has the child's ids mapped. */
function planCloneBeside(
  instance: Instance,
  { child, parent }: { child: Slot; parent: Label },
): void {
  const { p } = instance;
  const [noChild, inChild] = [
    p.label("no child here"),
    p.label("in the child"),
  ];
  cloneBeside(p, knownNamespaces(instance), { child, inChild: noChild });
  jump(p, parent);
  // Where the kernel cannot say, the launcher must not take itself for the
  // child: in the child's namespace there is nobody of that number.
  p.place(noChild);
  p.call("kill", [child, 0], { failure: inChild });
  p.call("kill", [child, shown(SIGNAL.KILL, "SIGKILL")], {
    failure: "continue",
  });
  set(p, child, 0);
  p.fail(ERRNO.ECHILD, "the kernel does not tell the launcher from the child");
  p.place(inChild);
}

/** VM and VFORK: the child runs on the parent's memory while the parent waits. */
const BORROWING = union(CLONE.VM, CLONE.VFORK);

/** Those that every instance has. */
function namespaces({ facts }: Instance): Flags<"CLONE"> {
  return union(
    CLONE.CLEAR_SIGHAND,
    CLONE.NEWNS,
    CLONE.NEWPID,
    CLONE.NEWIPC,
    facts.mode === "rootless" ? CLONE.NEWUSER : NONE,
  );
}

/** With those that are asked for, as far as that is known. */
function knownNamespaces(instance: Instance): Flags<"CLONE"> {
  const { noNetwork, namesHost } = instance.order;
  return union(
    namespaces(instance),
    noNetwork === true ? CLONE.NEWNET : NONE,
    namesHost === true ? CLONE.NEWUTS : NONE,
  );
}

/** The flags of the clone: a number, or where the order is a table, what it says. */
function planFlags(instance: Instance): Flags<"CLONE"> | Slot {
  const { p, order } = instance;
  const known = union(BORROWING, knownNamespaces(instance));
  const asked = [
    [order.noNetwork, "NEWNET"],
    [order.namesHost, "NEWUTS"],
  ] as const;
  if (asked.every(([truth]) => typeof truth === "boolean")) return known;
  const flags = p.slot("namespaces");
  set(p, flags, flag("CLONE", known));
  for (const [truth, name] of asked)
    if (typeof truth !== "boolean")
      whether(p, truth, () =>
        compute(p, flags, [flags, "|", named("CLONE", CLONE, name)]),
      );
  return flags;
}

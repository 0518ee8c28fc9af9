/**
 * The plan of `enter`: one more process in an instance that runs. Pure.
 *
 * Security model, in the order of the Program. (1) A process that is the caller
 * and nothing else asks the kernel whether he may, and opens the namespaces:
 * plan-permission.ts. (2) Another, still outside, joins them and gives up every
 * privilege: the same sets, filter and ids as pid 1 was started with. (3) Only
 * what it then clones is inside, where others see it: it has no privilege left,
 * and it cannot be traced, read or written, because it runs on the launcher's
 * memory, which is not dumpable, until it executes the starter, a sealed file
 * that it may not read. A directory, a command or a shell of the instance's is
 * looked up last, by that process. What fails on the way ends it.
 *
 * What nobody promises: whoever is inside may signal what enters, as any process
 * of the same user, and once its command runs may trace it.
 *
 * All of them run on one memory, one at a time: each waits (CLONE_VFORK) for the
 * next. Who kills the second while it waits makes the third run beside the
 * launcher: which then ends at once, and the third with it.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { setDumpable } from "../../../syscalls/calls/identity.ts";
import {
  EVERY_SIGNAL,
  cloneProcess,
  cloneSibling,
  exitProcess,
  setSignalAction,
  setSignalMask,
  waitForEnd,
} from "../../../syscalls/calls/processes.ts";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { CLD } from "../../../syscalls/constants/wait.table.ts";
import { jump, jumpIf, set, when } from "../../../syscalls/control.ts";
import { union } from "../../../syscalls/flags.ts";
import type { Label, Slot } from "../../../syscalls/program.ts";
import type { Facts } from "../facts.ts";
import type { Instance } from "../instance.ts";
import { isElevated, planGivingUp, planLifeline } from "../plan-clone.ts";
import {
  planCallerState,
  planDeath,
  planDescriptors,
  planPrivilegeLoss,
} from "../plan-confinement.ts";
import { makeInstance } from "../plan-instance.ts";
import type { Launch } from "../plan-instance.ts";
import { planLastWord } from "../plan-last-word.ts";
import { planProcessGroup } from "../plan-process-group.ts";
import type { ProcessGroup } from "../plan-process-group.ts";
import {
  planStarterDescriptor,
  planStarterFile,
  planStarterPipe,
  planStarterReport,
} from "../starter/plan-starter-launch.ts";
import type {
  StarterOutcome,
  StarterPipe,
} from "../starter/plan-starter-launch.ts";
import type { StarterKind } from "../starter/starter-executable.ts";
import { asLaunch, resolveShell } from "./entry-request.ts";
import type { EntryRequest } from "./entry-request.ts";
import { planEnteredCommand } from "./plan-entered-command.ts";
import { planJoining } from "./plan-joining.ts";
import { planPermission } from "./plan-permission.ts";
import type { Namespaces } from "./plan-permission.ts";
import type { Target } from "./target.ts";

const HELD = union(CLONE.VM, CLONE.VFORK, CLONE.CLEAR_SIGHAND);

/** What the processes of an entry share. */
interface Entry {
  readonly instance: Instance;
  readonly request: EntryRequest;
  readonly target: Target;
  readonly starter: StarterKind;
  readonly pipe: StarterPipe;
  readonly group: ProcessGroup;
  /** The ends of the launcher's lifeline. */
  readonly launcher: Slot;
  readonly lifeline: Slot;
  /** The process that joins, and the one that enters; 0 before they are there. */
  readonly joining: Slot;
  readonly entered: Slot;
  readonly ready: Slot;
  readonly failed: Slot;
}

export function planEntry(
  request: EntryRequest,
  facts: Facts,
  target: Target,
): Launch {
  const p = new ProgramBuilder();
  const instance = makeInstance(p, asLaunch(request), facts);
  const [dead, parent] = [p.label("it ends"), p.label("the launcher goes on")];
  const [group, pipe] = p.faultsTo(parent, () => [
    planProcessGroup(instance),
    planStarterPipe(instance),
  ]);
  const entry: Entry = {
    instance,
    request,
    target,
    starter: "direct",
    pipe,
    group,
    launcher: p.slot("launcher"),
    lifeline: p.slot("lifeline"),
    joining: p.slot("who joins"),
    entered: p.slot("who enters"),
    ready: p.slot("everything stands"),
    failed: p.slot("entering has failed"),
  };
  const namespaces = planAsking(entry, { dead, parent });
  planJoiningProcess(entry, namespaces, { dead, parent });
  p.part("end the failed process", () => {
    p.place(dead);
    set(p, entry.failed, 1);
    exitProcess(p, 124);
  });
  const outcome = planParent(entry, parent);
  return {
    program: p.finish(),
    child: entry.entered,
    group: group.kind,
    failed: entry.failed,
    starter: entry.starter,
    ready: entry.ready,
    reports: null,
    subroutines: "",
    ...outcome,
  };
}

/** The two places that a process of an entry goes to. */
interface Ends {
  readonly dead: Label;
  readonly parent: Label;
}

/** The launcher's preparations, and the process that asks whether it may. */
function planAsking(entry: Entry, { dead, parent }: Ends): Namespaces {
  const { instance, target, launcher, lifeline } = entry;
  const { p } = instance;
  const [asking, code, status] = [
    p.slot("who asks"),
    p.slot("asking"),
    p.slot("answer"),
  ];
  const answered = p.label("answered");
  p.faultsTo(parent, () =>
    p.part("prepare to enter", () => {
      setSignalMask(p, EVERY_SIGNAL);
      setSignalAction(p, SIGNAL.CHLD, "DFL");
      // Whoever is inside must not reach the memory that is shared until the end.
      setDumpable(p, false);
      planLifeline(p, launcher, lifeline);
      cloneProcess(p, union(HELD, CLONE.FILES), asking);
      jumpIf(p, [asking, "!=", 0], answered);
    }),
  );
  const namespaces = p.faultsTo(dead, () => planPermission(instance, target));
  p.faultsTo(parent, () =>
    p.part("hear whether the caller may enter", () => {
      exitProcess(p, 0);
      p.place(answered);
      waitForEnd(p, asking, { code, status });
      when(p, [code, "!=", CLD.EXITED], () => set(p, status, 1));
      when(p, [status, "!=", 0], () => {
        set(p, entry.failed, 1);
        jump(p, parent);
      });
    }),
  );
  return namespaces;
}

/** The process that joins, and what it clones. */
function planJoiningProcess(
  entry: Entry,
  namespaces: Namespaces,
  { dead, parent }: Ends,
): void {
  const { instance, pipe, launcher, lifeline, joining, entered } = entry;
  const { p } = instance;
  p.faultsTo(parent, () =>
    p.part("make a process that joins", () => {
      cloneProcess(p, HELD, joining);
      jumpIf(p, [joining, "!=", 0], parent);
    }),
  );
  p.faultsTo(dead, () => {
    p.part("begin without the launcher's lifeline", () => {
      p.call("close", [lifeline]);
      p.call("umask", [0], { result: instance.umask });
    });
    planStarterDescriptor(instance, pipe, launcher);
    const file = planStarterFile(instance, "hidden");
    planJoining(instance, namespaces);
    planPrivilegeLoss(instance, entry.target.capabilities);
    planCallerState(instance);
    const joined = p.label("it has joined");
    p.part("begin in the instance", () => {
      cloneSibling(p, HELD, entered);
      jumpIf(p, [entered, "!=", 0], joined);
    });
    planEntering(entry, file, dead);
    p.part("end what has joined", () => {
      p.place(joined);
      exitProcess(p, 0);
    });
  });
}

/** The process inside. */
function planEntering(
  { instance, group, launcher, ready, request }: Entry,
  file: Slot,
  dead: Label,
): void {
  const { p, facts } = instance;
  planDeath(p, launcher, dead);
  planDescriptors(instance, { starter: file, received: [] });
  const own = p.slot("own id inside");
  p.part("know its own id", () => void p.call("getpid", [], { result: own }));
  group.planChild(own);
  planEnteredCommand(instance, {
    command: request.command,
    shell: resolveShell(request, facts.caller),
    ready,
  });
}

/** The launcher again. */
function planParent(entry: Entry, parent: Label): StarterOutcome {
  const { instance, pipe, group, joining, entered, failed } = entry;
  const { p, caller } = instance;
  return p.part("go on in the launcher", () => {
    p.place(parent);
    if (isElevated(instance)) planGivingUp(p, caller.uid);
    planReaping(p, joining);
    when(p, [failed, "==", 0], () => group.planBegin(entered));
    const outcome = planStarterReport(instance, pipe, {
      child: entered,
      failed,
    });
    when(p, [failed, "!=", 0], () => group.planReturn());
    p.call("chdir", [p.text("/")], { failure: "continue" });
    // Where it has failed before they were made, 0 is the caller's standard input.
    for (const end of [entry.launcher, entry.lifeline])
      when(p, [end, "!=", 0], () =>
        p.call("close", [end], { failure: "continue" }),
      );
    p.control("stop", [0]);
    return outcome;
  });
}

/** Where what joined was killed, what it cloned may still play: it ends with the launcher. */
function planReaping(p: ProgramBuilder, joining: Slot): void {
  const [code, status] = [p.slot("joining"), p.slot("status of joining")];
  const [lost, reaped] = [p.label("it was killed"), p.label("reaped")];
  jumpIf(p, [joining, "<", 1], reaped);
  p.faultsTo(lost, () => waitForEnd(p, joining, { code, status }));
  jumpIf(p, [code, "==", CLD.EXITED], reaped);
  p.place(lost);
  planLastWord(p, "Cannot enter the instance: what joins it was killed");
  p.place(reaped);
}

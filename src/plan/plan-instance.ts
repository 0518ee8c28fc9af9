/**
 * The plan of an instance: from a request and the facts of the host to the one
 * Program that makes it. Pure; nothing here acts.
 *
 * The launcher plays the Program once. It clones itself without copying memory;
 * parent and child go on in the same records, the parent when the child has
 * executed its command or ended. Where a step of the child fails, the child
 * ends, and the parent reads which it was.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { exitProcess } from "../../syscalls/calls/processes.ts";
import { set } from "../../syscalls/control.ts";
import type { Program, Slot } from "../../syscalls/program.ts";
import { STATX_BUFFER } from "../../syscalls/structs.ts";
import { impliedRequest, keptCapabilities } from "./capabilities.ts";
import { planCaller } from "./caller.ts";
import type { Facts } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { planClone } from "./plan-clone.ts";
import { planCommand } from "./plan-command.ts";
import { planConfinement } from "./plan-confinement.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { planCovers, planCoversSeal } from "./plan-covers.ts";
import type { Covers } from "./plan-covers.ts";
import { planDevices, planDeviceSources } from "./plan-devices.ts";
import { planFilesystems } from "./plan-filesystems.ts";
import type { Filesystems } from "./plan-filesystems.ts";
import { planHostname } from "./plan-hostname.ts";
import { planIdMaps } from "./plan-id-maps.ts";
import { memoryClones } from "./plan-memory-files.ts";
import { planMounts, planSources } from "./plan-mounts.ts";
import { planNetwork } from "./plan-network.ts";
import { usesDirectory } from "./place-of.ts";
import { PLACING, planPlacement } from "./plan-placement.ts";
import { planReceivedDescriptors } from "./plan-received-descriptors.ts";
import { planResolverSource, planResolver } from "./plan-resolver.ts";
import { planPropagation, planRootSource } from "./plan-root.ts";
import type { RootSource } from "./plan-root.ts";
import { planTurn } from "./plan-turn.ts";
import { asRoot } from "./privilege.ts";
import { knownOrder } from "./known-order.ts";
import type { Request } from "./request.ts";
import { scratchOf } from "./scratch.ts";
import type { StarterKind } from "./starter/starter-executable.ts";
import {
  planStarterDescriptor,
  planStarterFile,
} from "./starter/plan-starter-launch.ts";
import type { StarterOutcome } from "./starter/plan-starter-launch.ts";

/** A planned launch: the Program, and where its outcome is read. */
export interface Launch extends StarterOutcome {
  readonly program: Program;
  /** The process id of the instance's pid 1, in the launcher's namespace; 0 or less if there is none. */
  readonly child: Slot;
  /** The command's process group: one of GROUP. */
  readonly group: Slot;
  /** 1 once everything stands and the command is about to be executed. */
  readonly ready: Slot;
  /** Not 0 if the instance ended without its command. */
  readonly failed: Slot;
  /** The launcher's end of the starter's pipe, or null if it makes way for the command. */
  readonly reports: Slot | null;
  /** What pid 1 executes, and what executes the command. */
  readonly starter: StarterKind;
  /** The action of the part whose steps run on behalf of others: see Program.context. */
  readonly subroutines: string;
}

/** Plans one instance. Throws a SelfdockError for what nobody can have wanted. */
export function planInstance(asked: Request, facts: Facts): Launch {
  const p = new ProgramBuilder();
  const request = impliedRequest(asked, facts);
  const planned = planOrdered(makeInstance(p, request, facts));
  return {
    ...planned,
    starter: starterOf(asked, facts),
    reports: request.init ? planned.reports : null,
  };
}

/** What pid 1 executes first, and what executes the command. */
export function starterOf(asked: Request, facts: Facts): StarterKind {
  return impliedRequest(asked, facts).init ? "init" : "direct";
}

/** A launch of which it is not known whether it has an init. */
export interface OrderedLaunch extends Omit<Launch, "starter" | "reports"> {
  /** The launcher's end of the starter's pipe, on which an init goes on reporting. */
  readonly reports: Slot;
}

/** Plans what is ordered. */
export function planOrdered(instance: Instance): OrderedLaunch {
  const { p } = instance;
  const failed = p.label("the child ends");
  const clone = planClone(instance, failed);
  const ready = p.slot("everything stands");
  p.faultsTo(failed, () => {
    const received = planReceivedDescriptors(instance);
    const turn = planTurn(instance);
    planStarterDescriptor(instance, clone.pipe, clone.launcher);
    planIdMaps(instance);
    planPropagation(instance);
    const clones = memoryClones(instance);
    planSources(instance);
    const root = planRootSource(instance);
    const resolver = planResolverSource(instance, root);
    const devices = planDeviceSources(instance);
    const starterFile = planStarterFile(instance);
    const covers = planCovers(instance, clone.read, devices.unlisted);
    const { filesystems, places } = planOwnMounts(instance, root, covers);
    const placement = planPlacement(instance);
    const whileCovered = () => clones.plan(covers.mount);
    const remember = (made: Slot) => placement.addScratch(made);
    root.cover(covers, { places, attached: whileCovered, remember });
    filesystems.attach(placement);
    planDevices(instance, filesystems, devices);
    planResolver(instance, resolver, placement);
    planMounts(instance, clones, placement);
    placement.seal();
    planNetwork(instance);
    planHostname(instance);
    planConfinement(instance, {
      launcher: clone.launcher,
      starter: starterFile,
      received,
      turn,
      dead: failed,
    });
    clone.group.planChild();
    planCommand(instance, ready);
    placement.define();
  });
  p.part("end the failed child", () => {
    p.place(failed);
    set(p, clone.failed, 1);
    exitProcess(p, 124);
  });
  const outcome = clone.planParent();
  return {
    program: p.finish(),
    child: clone.child,
    group: clone.group.kind,
    failed: clone.failed,
    ready,
    reports: clone.pipe.read,
    subroutines: PLACING,
    ...outcome,
  };
}

/** Everything in a row for which nothing is looked up: root's id is raised once. */
function planOwnMounts(
  instance: Instance,
  root: RootSource,
  covers: Covers,
): { readonly filesystems: Filesystems; readonly places: CoveredPlaces } {
  return instance.p.part("make the instance's own mounts", () =>
    asRoot(instance, () => {
      planCoversSeal(instance, covers);
      const filesystems = planFilesystems(instance);
      root.enter();
      return { filesystems, places: root.find(covers) };
    }),
  );
}

/** What the rooms share. */
export function makeInstance(
  p: ProgramBuilder,
  request: Request,
  facts: Facts,
): Instance {
  return makeOrdered(p, {
    order: knownOrder(p, request, facts),
    facts,
    asRoot: request.asRoot,
    capabilities: keptCapabilities(request, facts),
    usesDirectory: usesDirectory(request),
    proc: request.proc,
    scratch: scratchOf(request, facts),
  });
}

/** The same, of an order. */
export function makeOrdered(
  p: ProgramBuilder,
  ordered: Pick<
    Instance,
    | "order"
    | "facts"
    | "asRoot"
    | "capabilities"
    | "usesDirectory"
    | "proc"
    | "scratch"
  >,
): Instance {
  return {
    p,
    ...ordered,
    caller: planCaller(p, ordered.order.command),
    root: p.slot("root"),
    umask: p.slot("caller's umask"),
    stat: p.buffer("stat", STATX_BUFFER.size),
  };
}

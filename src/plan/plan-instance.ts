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
import { impliedRequest } from "./capabilities.ts";
import type { Facts } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { planClone } from "./plan-clone.ts";
import { planInit } from "./init/plan-init.ts";
import { planInitDescriptor, planInitFile } from "./init/plan-init-launch.ts";
import { planCommand, resolveCommand } from "./plan-command.ts";
import type { CommandOutcome } from "./plan-command.ts";
import { planConfinement } from "./plan-confinement.ts";
import { planCovers } from "./plan-covers.ts";
import { planDevices, planDeviceSources } from "./plan-devices.ts";
import { planFilesystems } from "./plan-filesystems.ts";
import { planIdMaps } from "./plan-id-maps.ts";
import { planMounts, planSources } from "./plan-mounts.ts";
import { planNetwork } from "./plan-network.ts";
import { PLACING, planPlacement } from "./plan-placement.ts";
import { planResolverSource, planResolver } from "./plan-resolver.ts";
import { planPropagation, planRootSource } from "./plan-root.ts";
import type { Request } from "./request.ts";

/** A planned launch: the Program, and where its outcome is read. */
export interface Launch extends CommandOutcome {
  readonly program: Program;
  /** The process id of the instance's pid 1, in the launcher's namespace; 0 or less if there is none. */
  readonly child: Slot;
  /** The command's process group: one of GROUP. */
  readonly group: Slot;
  /** Not 0 if the instance ended without its command. */
  readonly failed: Slot;
  /** The launcher's end of the init's pipe, or null without `--init`. */
  readonly reports: Slot | null;
  /** The Program of the init, or null without `--init`. */
  readonly init: Program | null;
  /** The action of the part whose steps run on behalf of others: see Program.context. */
  readonly subroutines: string;
}

/** Plans one instance. */
export function planInstance(asked: Request, facts: Facts): Launch {
  const p = new ProgramBuilder();
  const request = impliedRequest(asked, facts);
  const instance = makeInstance(p, request, facts);
  const failed = p.label("the child ends");
  const clone = planClone(instance, failed);
  const outcome = p.faultsTo(failed, () => {
    if (clone.pipe !== null)
      planInitDescriptor(instance, clone.pipe, clone.launcher);
    planIdMaps(instance);
    planPropagation(instance);
    const sources = planSources(instance);
    const resolver = planResolverSource(instance);
    const root = planRootSource(instance);
    const devices = planDeviceSources(instance);
    const covers = planCovers(instance);
    const filesystems = planFilesystems(instance);
    const command = resolveCommand(instance);
    const init = request.init ? planInit(command) : null;
    const initMount = init === null ? null : planInitFile(instance, init);
    root.enter();
    root.cover(covers);
    const placement = planPlacement(instance);
    filesystems.attach(placement);
    planDevices(instance, filesystems, devices);
    planResolver(instance, resolver, placement);
    planMounts(instance, sources, placement);
    placement.seal();
    planNetwork(instance);
    clone.group.planChild();
    planConfinement(instance, {
      launcher: clone.launcher,
      executable: initMount,
      dead: failed,
    });
    const executed = planCommand(instance, { command, failed });
    placement.define();
    return { ...executed, init };
  });
  p.part("end the failed child", () => {
    p.place(failed);
    set(p, clone.failed, 1);
    exitProcess(p, 124);
  });
  clone.planParent(outcome);
  return {
    program: p.finish(),
    child: clone.child,
    group: clone.group.kind,
    failed: clone.failed,
    reports: clone.pipe?.read ?? null,
    subroutines: PLACING,
    ...outcome,
  };
}

function makeInstance(
  p: ProgramBuilder,
  request: Request,
  facts: Facts,
): Instance {
  return {
    p,
    request,
    facts,
    root: p.slot("root"),
    umask: p.slot("caller's umask"),
    stat: p.buffer("stat", STATX_BUFFER.size),
  };
}

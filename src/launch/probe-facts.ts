/**
 * Finds out what planning needs to know of the host and the caller. Security
 * model: this runs with the caller's own effective ids; nothing that is read
 * here decides about access, which the kernel does when the Program is played.
 */

import { readFileSync, readlinkSync } from "node:fs";
import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import { INITIAL_NAMESPACE } from "../plan/facts.ts";
import type { Facts, Mode } from "../plan/facts.ts";
import type { Request } from "../plan/request.ts";
import { giveUpSavedRoot } from "./give-up-root.ts";
import { probeCoveredPlaces } from "./probe-mounts.ts";
import { probeSubordinateIds } from "./probe-subordinate-ids.ts";
import type { Handover } from "./read-handover.ts";

export function probeFacts(request: Request, handover: Handover): Facts {
  const mode = probeMode(request, handover);
  if (mode === "rootless") giveUpSavedRoot(handover);
  return {
    mode,
    caller: {
      ...handover,
      anybody: false,
      commandIndex: handover.argv.length - request.command.length,
    },
    covered: probeCoveredPlaces(
      request,
      `/proc/self/fd/${handover.directoryDescriptor}`,
    ),
    spawned: false,
    subordinate: request.asRoot ? probeSubordinateIds(handover) : null,
  };
}

/** Privileged with root's own privilege in the initial user namespace; rootless otherwise. */
export function probeMode(
  { rootless }: Pick<Request, "rootless">,
  { uid, savedUid }: Handover,
): Mode {
  const privileged =
    !rootless &&
    (uid === 0 ? hasAdministration() : savedUid === 0) &&
    inInitialUserNamespace();
  return privileged ? "privileged" : "rootless";
}

function hasAdministration(): boolean {
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(
    readFileSync("/proc/self/status", "latin1"),
  )?.[1];
  return (
    effective !== undefined &&
    ((BigInt(`0x${effective}`) >> BigInt(CAP.SYS_ADMIN)) & 1n) === 1n
  );
}

export function inInitialUserNamespace(): boolean {
  try {
    return readlinkSync("/proc/self/ns/user") === INITIAL_NAMESPACE.user;
  } catch {
    return false;
  }
}

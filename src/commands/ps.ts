/** `ps` and `stop`. Loaded only for them. */

import { giveUpSavedRoot } from "../launch/probe-facts.ts";
import { probeInstances } from "../launch/probe-instances.ts";
import type { Handover } from "../launch/read-handover.ts";
import { stopInstances } from "../launch/stop-instances.ts";
import type { Bytes } from "../plan/bytes.ts";
import {
  findInstances,
  nameInstance,
  type NamedInstance,
} from "./name-instances.ts";
import { renderInstances, renderInstancesJson } from "./render-instances.ts";

export function listInstances(json: boolean, handover: Handover): string {
  const instances = ownInstances(handover);
  return json ? renderInstancesJson(instances) : renderInstances(instances);
}

export function stopNamed(
  { instances, seconds }: { instances: readonly Bytes[]; seconds: number },
  handover: Handover,
): void {
  stopInstances(findInstances(instances, ownInstances(handover)), seconds);
}

/** The caller's, or everybody's for root. */
function ownInstances(handover: Handover): readonly NamedInstance[] {
  giveUpSavedRoot(handover);
  const { uid } = handover;
  return probeInstances(uid === 0 ? "all" : { uid }).map(nameInstance);
}

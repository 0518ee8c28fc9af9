/** `ps`, `stop` and `enter`: what is done with instances that run. Loaded only for them. */

import { giveUpSavedRoot } from "../launch/give-up-root.ts";
import { probeInstances } from "../launch/probe-instances.ts";
import type { Handover } from "../launch/read-handover.ts";
import { stopInstances } from "../launch/stop-instances.ts";
import { enterNamed } from "./enter.ts";
import type { Invocation } from "./invocation.ts";
import {
  findInstances,
  nameInstance,
  type NamedInstance,
} from "./name-instances.ts";
import { renderInstances, renderInstancesJson } from "./render-instances.ts";

/** Does it, and gives what is to be printed. */
export function manageInstances(
  invocation: Extract<Invocation, { kind: "enter" | "ps" | "stop" }>,
  handover: Handover,
): string {
  // Who enters may need root to join what was made with it.
  if (invocation.kind !== "enter") giveUpSavedRoot(handover);
  const instances = ownInstances(handover);
  switch (invocation.kind) {
    case "enter": {
      const [found] = findInstances([invocation.instance], instances);
      return enterNamed(invocation, found!, handover);
    }
    case "ps":
      return invocation.json
        ? renderInstancesJson(instances)
        : renderInstances(instances);
    case "stop":
      stopInstances(
        findInstances(invocation.instances, instances),
        invocation.seconds,
      );
      return "";
  }
}

/** The caller's, or everybody's for root. */
export function ownInstances({ uid }: Handover): readonly NamedInstance[] {
  return probeInstances(uid === 0 ? "all" : { uid }).map(nameInstance);
}

/** Enters a running instance, and becomes the supervisor of what has entered. */

import type { EntryRequest } from "../plan/enter/entry-request.ts";
import { LAST_SHELL, resolveShell } from "../plan/enter/entry-request.ts";
import { planEntry } from "../plan/enter/plan-entry.ts";
import type { Facts } from "../plan/facts.ts";
import type { Launch } from "../plan/plan-instance.ts";
import { performLaunch } from "./launch-instance.ts";
import { giveUpSavedRoot } from "./give-up-root.ts";
import type { FoundInstance } from "./probe-instances.ts";
import { probeTarget } from "./probe-target.ts";
import type { Handover } from "./read-handover.ts";

/** What would be played: the instance is looked at, and not touched. */
export function planEnteringInstance(
  request: EntryRequest,
  found: FoundInstance,
  handover: Handover,
): { readonly launch: Launch; readonly facts: Facts } {
  if (found.mode === "rootless") giveUpSavedRoot(handover);
  const facts: Facts = {
    mode: found.mode,
    caller: {
      anybody: false,
      ...handover,
      commandIndex: handover.argv.length - request.command.length,
    },
    covered: null,
    spawned: false,
    subordinate: null,
  };
  const target = probeTarget(found, handover);
  return { launch: planEntry(request, facts, target), facts };
}

/** Returns only by throwing a SelfdockError. */
export function enterInstance(
  request: EntryRequest,
  found: FoundInstance,
  handover: Handover,
): never {
  const { launch, facts } = planEnteringInstance(request, found, handover);
  const shell = resolveShell(request, facts.caller) ?? LAST_SHELL;
  const command = request.command.length > 0 ? request.command : [shell];
  const { mode } = facts;
  return performLaunch({ launch, mode, command, first: false }, handover);
}

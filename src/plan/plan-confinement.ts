/**
 * What the target can never get back, and what it gets back as the caller had
 * it. Security model: behind this part there is no privilege left, in no set of
 * capabilities and no id, and every later step runs with the target's own rights.
 */

import { closeAtExecute } from "../../syscalls/calls/files.ts";
import {
  clearAmbientSet,
  dropBoundingSet,
  setAllUsers,
  setCapabilities,
  setFilter,
  setNoNewPrivileges,
} from "../../syscalls/calls/identity.ts";
import {
  checkAlive,
  dieWithParent,
  setLimit,
  setSignalAction,
  setSignalMask,
} from "../../syscalls/calls/processes.ts";
import { LAST_SIGNAL, SIGNAL } from "../../syscalls/constants/signals.table.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { instanceFilter } from "../../syscalls/seccomp/filter.ts";
import { reportDescriptor } from "./init/plan-init-launch.ts";
import { keptCapabilities } from "./capabilities.ts";
import type { Instance } from "./instance.ts";
import { isElevated } from "./plan-clone.ts";
import { asRoot } from "./privilege.ts";

/** Standard input, output and error. */
const FIRST_OTHER_DESCRIPTOR = 3;
/** Signals that Bun ignores, whatever the caller did. */
const BUN_IGNORES = [SIGNAL.PIPE, SIGNAL.XFSZ] as const;

export function planConfinement(
  instance: Instance,
  { launcher, dead }: { launcher: Slot; dead: Label },
): void {
  const { p, request, facts } = instance;
  p.part("give up every privilege", () => {
    setNoNewPrivileges(p);
    const kept = keptCapabilities(request, facts);
    asRoot(instance, () => dropBoundingSet(p, kept));
    if (isElevated(instance)) setAllUsers(p, facts.caller.uid);
    setCapabilities(p, kept);
    clearAmbientSet(p);
    setFilter(
      p,
      "terminal input and keyrings are out of reach",
      instanceFilter(),
    );
  });
  p.part("give the command the caller's state", () => {
    const keep = request.keepDescriptors;
    const report = request.init ? [reportDescriptor(keep)] : [];
    closeAtExecute(p, FIRST_OTHER_DESCRIPTOR, [...keep, ...report]);
    setLimit(p, "NOFILE", facts.caller.fileLimit);
    p.call("umask", [instance.umask]);
    planSignals(instance);
  });
  p.part("end with the launcher", () => {
    dieWithParent(p);
    checkAlive(p, launcher, dead);
  });
}

/** Dispositions as they were: handlers of the launcher are gone by CLONE_CLEAR_SIGHAND. */
function planSignals({ p, facts }: Instance): void {
  const { ignoredSignals, blockedSignals } = facts.caller;
  const ignored = (signal: number) =>
    ((ignoredSignals >> BigInt(signal - 1)) & 1n) === 1n;
  for (let signal = 1; signal <= LAST_SIGNAL; signal++)
    if (ignored(signal)) setSignalAction(p, signal, "IGN");
  for (const signal of BUN_IGNORES)
    if (!ignored(signal)) setSignalAction(p, signal, "DFL");
  setSignalMask(p, blockedSignals);
}

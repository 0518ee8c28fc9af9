/**
 * Whose rights a step uses. Security model: in the privileged mode everything
 * is looked up with the user's effective ids (capabilities go with them), and
 * only calls on descriptors that the user could open are made with root's. In
 * the rootless mode there is one identity, and both say nothing.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { setEffectiveUser } from "../../syscalls/calls/identity.ts";
import { shown } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";

export const ROOT = shown(0, "root");
/** Those whose steps are being written for root's effective id. */
const raised = new WeakSet<ProgramBuilder>();

/**
 * Steps with root's effective id, in the privileged mode; the user's again behind
 * the outermost of several: each change takes the kernel new credentials.
 */
export function asRoot<T>(instance: Instance, body: () => T): T {
  const { p, facts, caller } = instance;
  if (facts.mode === "rootless" || facts.caller.uid === 0 || raised.has(p))
    return body();
  setEffectiveUser(p, ROOT);
  raised.add(p);
  const result = body();
  raised.delete(p);
  setEffectiveUser(p, caller.uid);
  return result;
}

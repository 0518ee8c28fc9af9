/**
 * Whose rights a step uses. Security model: in the privileged mode everything
 * is looked up with the user's effective ids (capabilities go with them), and
 * only calls on descriptors that the user could open are made with root's. In
 * the rootless mode there is one identity, and both say nothing.
 */

import { setEffectiveUser } from "../../syscalls/calls/identity.ts";
import { shown } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";

export const ROOT = shown(0, "root");

/** Steps with root's effective id, in the privileged mode; the user's again behind them. */
export function asRoot<T>(instance: Instance, body: () => T): T {
  const { p, facts, caller } = instance;
  if (facts.mode === "rootless" || facts.caller.uid === 0) return body();
  setEffectiveUser(p, ROOT);
  const result = body();
  setEffectiveUser(p, caller.uid);
  return result;
}

/**
 * A baked file's own Program: what stage 0 is to the artifact. It keeps the
 * caller's state, plays the one launch that is in the file, and supervises; or
 * says why there is no instance.
 *
 * Security model: whoever starts the file gets what `selfdock run --rootless`
 * would have given: an instance made with the caller's own rights. Nothing that
 * was seen of the host when it was baked is trusted: paths are opened and mounts
 * are listed anew each time.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import type { Program } from "../../../syscalls/program.ts";
import type { Embedded } from "../../../syscalls/standalone.ts";
import { planKeptState, STANDARD } from "../plan-kept-state.ts";
import { planPlay } from "../plan-ready-made.ts";
import { planSupervisor } from "../plan-supervisor.ts";
import { planVectors } from "../plan-vectors.ts";
import type { ReadyLaunch } from "../ready-made.ts";
import { refusing } from "../refusal.ts";
import { runningInstance } from "../running-instance.ts";
import { planFailure } from "./plan-failure.ts";
import { planInherited, planListing } from "./plan-needs.ts";
import { planOwnFile } from "./plan-own-file.ts";
import { planOwnIdentity } from "./plan-own-identity.ts";
import { planStack } from "./plan-stack.ts";
import type { Recipe } from "./recipe.ts";

export function planBaked(
  { request, owner }: Recipe,
  { ready, embedded }: { ready: ReadyLaunch; embedded: Embedded },
): Program {
  const p = new ProgramBuilder();
  const vectors = planVectors(p);
  const [running, no] = [p.label("supervise"), p.label("no instance")];
  const instance = runningInstance(p);
  planOwnIdentity(p, owner);
  planInherited(p, request);
  planKeptState(p, STANDARD);
  planStack(p, vectors, request);
  planOwnFile(p);
  planListing(p);
  p.part("play the launch", () =>
    planPlay(p, ready, { instance, running, no, init: true }),
  );
  p.part("go on without an instance", () => p.place(no));
  planFailure(p, ready, request.command[0]!);
  refusing(p, "supervise the instance", () =>
    planSupervisor(p, { told: null, running, vectors, instance, embedded }),
  );
  return p.finish();
}

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
import { compute, jump, load, set, store } from "../../../syscalls/control.ts";
import type { Label, Program } from "../../../syscalls/program.ts";
import type { Embedded } from "../../../syscalls/standalone.ts";
import { handedOver } from "../handover.ts";
import { planKeptState, STANDARD } from "../plan-kept-state.ts";
import { planPlay } from "../plan-ready-made.ts";
import { planSupervisor } from "../plan-supervisor.ts";
import { planVectors } from "../plan-vectors.ts";
import type { Vectors } from "../plan-vectors.ts";
import type { ReadyLaunch } from "../ready-made.ts";
import { refusing } from "../refusal.ts";
import { runningInstance } from "../running-instance.ts";
import { planFailure } from "./plan-failure.ts";
import { planInherited, planListing } from "./plan-needs.ts";
import { planOwnFile } from "./plan-own-file.ts";
import { planOwnIdentity } from "./plan-own-identity.ts";
import { planStack } from "./plan-stack.ts";
import type { Recipe } from "./recipe.ts";

/** The frame, and the record from which on its steps are wanted only when the launch was played. */
export interface Frame {
  readonly program: Program;
  readonly rest: number;
}

export function planBaked(
  { request, owner }: Recipe,
  { ready, embedded }: { ready: ReadyLaunch; embedded: Embedded },
): Frame {
  const p = new ProgramBuilder();
  const vectors = planVectors(p);
  const [running, no] = [p.label("supervise"), p.label("no instance")];
  const [begun, failed] = [p.label("it runs"), p.label("it does not run")];
  const instance = runningInstance(p);
  planOwnIdentity(p, owner);
  planInherited(p, request);
  planKeptState(p, STANDARD);
  planStack(p, vectors, request);
  planOwnFile(p);
  planListing(p);
  p.part("play the launch", () =>
    planPlay(p, ready, { instance, running: begun, no: failed, init: true }),
  );
  const rest = p.part("unpack what comes then", () =>
    planRest(p, vectors, [
      [failed, no],
      [begun, running],
    ]),
  );
  p.part("go on without an instance", () => p.place(no));
  planFailure(p, ready, request.command[0]!);
  refusing(p, "supervise the instance", () =>
    planSupervisor(p, { told: null, running, vectors, instance, embedded }),
  );
  const program = p.finish();
  return { program, rest: program.labels.get(rest)! };
}

/** Stops, and goes on with the record behind: from each label to its other. */
function planRest(
  p: ProgramBuilder,
  { argv }: Vectors,
  ways: readonly (readonly [Label, Label])[],
): Label {
  const [stop, rest] = [p.label("stop for the rest"), p.label("the rest")];
  const [way, address] = [p.slot("where it goes on"), p.slot("address")];
  for (const [from, to] of ways) {
    p.place(from);
    set(p, way, to);
    jump(p, stop);
  }
  p.place(stop);
  // The kernel's stack is as good as ever; argc is before argv.
  compute(p, address, [argv, "-", 8]);
  store(p, 8, [handedOver("nextStack"), 0], address);
  load(p, address, 8, [handedOver("unpackRest"), 0]);
  p.control("stop", [address]);
  p.place(rest);
  p.control("jump", [way]);
  return rest;
}

/**
 * Stage 0: the first code of the artifact, before ld.so and Bun, as a Program.
 *
 * Security model. A setuid Bun would be a root shell: its environment, its
 * directory and its crash handler run what the caller chooses. So before any of
 * it runs, stage 0 gives up the effective root (it stays the saved id only),
 * and leaves Bun an empty environment and `/` as directory. It reads nothing
 * that the caller controls but its own stack and opens no path but ".", while
 * its effective ids are the caller's, "/dev/null", the dynamic linker and
 * "/proc/self/cgroup", which decides about no right.
 * Every failure ends the process with a message and status 124.
 *
 * Most launches it plays itself (plan-ready-made.ts), and Bun never starts.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import type { Program } from "../../syscalls/program.ts";
import { planIdentity } from "./plan-identity.ts";
import { planInterpreter } from "./plan-interpreter.ts";
import type { Image } from "./plan-interpreter.ts";
import { planKeptState } from "./plan-kept-state.ts";
import { planLine } from "./plan-line.ts";
import { planReadyMade } from "./plan-ready-made.ts";
import { planRoom } from "./plan-room.ts";
import { planSupervisor } from "./plan-supervisor.ts";
import { runningInstance } from "./running-instance.ts";
import { planVectors } from "./plan-vectors.ts";
import type { ReadyMade } from "./ready-made.ts";
import { refusing } from "./refusal.ts";

/** Stage 0's Program for an executable; its `stop` gives the address to go on at. */
export function planStage0(
  image: Image,
  ready: ReadyMade,
  readsLine = true,
): Program {
  const p = new ProgramBuilder();
  const vectors = planVectors(p);
  const [told, running] = [p.label("told to supervise"), p.label("supervise")];
  const instance = runningInstance(p);
  planIdentity(p);
  vectors.whenSupervisor(told);
  const questions = readsLine ? planLine(p, vectors) : { here: p.slot("none") };
  planKeptState(p);
  planReadyMade(p, ready, { questions, instance, running });
  planRoom(p);
  planInterpreter(p, image, vectors);
  refusing(p, "supervise the instance", () =>
    planSupervisor(p, {
      told,
      running,
      vectors,
      instance,
      embedded: ready.embedded,
    }),
  );
  return p.finish();
}

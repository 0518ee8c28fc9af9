/**
 * Plays the Program of an instance, and becomes its supervisor. Security model:
 * what runs between the clone and the command is the Program alone; the
 * launcher has no privilege left when it goes on.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { setNoNewPrivileges } from "../../syscalls/calls/identity.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { layOut } from "../../syscalls/encode.ts";
import { prepare, readPlayed } from "../../syscalls/ffi.ts";
import { shown } from "../../syscalls/program.ts";
import type { Bytes } from "../plan/bytes.ts";
import type { Facts, Mode } from "../plan/facts.ts";
import { planAnyInstance } from "../plan/plan-any-instance.ts";
import { planInstance, starterOf } from "../plan/plan-instance.ts";
import type { Launch } from "../plan/plan-instance.ts";
import type { Request } from "../plan/request.ts";
import { READY_STATE_ADDRESS } from "../stage0/handover.ts";
import { renderSuperviseWord } from "../stage0/supervise-word.ts";
import { explainFailure } from "./explain-failure.ts";
import { SelfdockError } from "../plan/error.ts";
import { readyNameOf, wordsOf } from "./placeholder-words.ts";
import { reap } from "./reap.ts";

/** Who the launcher was called as, which the supervisor keeps. */
export interface Launcher {
  readonly name: Bytes;
  readonly argvAddress: number;
}

/** Makes the instance and ends with it: returns only by throwing a SelfdockError. */
export function launchInstance(
  request: Request,
  facts: Facts,
  launcher: Launcher,
): never {
  const planned = { launch: planInstance(request, facts), mode: facts.mode };
  performLaunch(
    { ...planned, command: request.command, first: true },
    launcher,
  );
}

/** A launch, and what is said of it. */
interface Planned {
  readonly launch: Launch;
  readonly mode: Mode;
  readonly command: readonly Bytes[];
  /** Whether the command's process is the first of its pid namespace. */
  readonly first: boolean;
}

/** Plays it, and supervises; returns only by throwing a SelfdockError. */
export function performLaunch(
  { launch, mode, command, first }: Planned,
  launcher: Launcher,
): never {
  const run = prepare(launch.program);
  run.play();
  const child = run.read(launch.child);
  const gaveUp = run.read(launch.gaveUp) !== 0;
  const started =
    child > 0 &&
    !gaveUp &&
    run.fault() === null &&
    run.read(launch.failed) === 0 &&
    run.read(launch.ready) === 1;
  if (started) {
    const reports = launch.reports === null ? null : run.read(launch.reports);
    const group = run.read(launch.group);
    becomeSupervisor({ child, group, reports, first }, launcher);
  }
  throw explainFailure(
    { command },
    {
      launch,
      run,
      mode,
      ending: child > 0 ? reap(child) : null,
    },
  );
}

/** Why a ready-made launch, played by stage 0, has come to nothing. */
export function explainReady(
  request: Request,
  facts: Facts,
  readyMade: number,
): SelfdockError {
  const launch = planAnyInstance(readyNameOf(request, facts));
  const at = { constant: readyMade, state: READY_STATE_ADDRESS };
  const run = readPlayed(layOut(launch.program), at);
  const child = run.read(launch.child);
  return explainFailure(request, {
    launch: { ...launch, starter: starterOf(request, facts) },
    run,
    mode: facts.mode,
    ending: child > 0 ? reap(child) : null,
    words: wordsOf(request, facts, { launch, run }),
  });
}

/** Executes this program's own file again, which supervises instead of starting Bun. */
function becomeSupervisor(
  instance: Omit<Parameters<typeof renderSuperviseWord>[0], "name">,
  { name, argvAddress }: Launcher,
): never {
  const p = new ProgramBuilder();
  const { child } = instance;
  const failed = p.label("failed");
  p.faultsTo(failed, () =>
    p.part("become the supervisor", () => {
      const word = renderSuperviseWord({ ...instance, name });
      const environment = p.constant("{word}", new Uint8Array(16), [
        { at: 0, to: p.text(word) },
      ]);
      const argv = shown(argvAddress, "the launcher's arguments");
      if (instance.reports !== null)
        p.call("fcntl", [instance.reports, named("F", F, "SETFD"), 0]);
      setNoNewPrivileges(p); // the file may be setuid; this is not the way to get it
      p.call("execve", [p.text("/proc/self/exe"), argv, environment]);
    }),
  );
  p.part("end the instance", () => {
    p.place(failed);
    p.call("kill", [child, shown(SIGNAL.KILL, "SIGKILL")], {
      failure: "continue",
    });
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  reap(child);
  throw new SelfdockError(
    "launch",
    `Cannot supervise the instance: executing "/proc/self/exe" failed (errno ${run.fault()?.errno})`,
  );
}

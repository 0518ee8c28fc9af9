/**
 * Plays the Program of an instance, and becomes its supervisor. Security model:
 * what runs between the clone and the command is the Program alone; the
 * launcher has no privilege left when it goes on.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { setNoNewPrivileges } from "../../syscalls/calls/identity.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { P, WAIT } from "../../syscalls/constants/wait.table.ts";
import { layOut } from "../../syscalls/encode.ts";
import { prepare, readPlayed } from "../../syscalls/ffi.ts";
import type { Played } from "../../syscalls/ffi.ts";
import { shown } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";
import type { Bytes } from "../plan/bytes.ts";
import type { Facts, Mode } from "../plan/facts.ts";
import { planInstance } from "../plan/plan-instance.ts";
import type { Launch } from "../plan/plan-instance.ts";
import type { Request } from "../plan/request.ts";
import { READY_STATE_ADDRESS } from "../stage0/handover.ts";
import { renderSuperviseWord } from "../stage0/supervise-word.ts";
import { explainFailure } from "./explain-failure.ts";
import type { Ending } from "./explain-failure.ts";
import { SelfdockError } from "../plan/error.ts";

/** Who the launcher was called as, which the supervisor keeps, and what it has done. */
export interface Launcher {
  readonly name: Bytes;
  readonly argvAddress: number;
  /** The launch may be played already: see Handover. */
  readonly readyMade: number | null;
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
  const run = play(launch, launcher);
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

/** The Program, played now or by stage 0. */
function play({ program }: Launch, { readyMade }: Launcher): Played {
  if (readyMade !== null) {
    const at = { constant: readyMade, state: READY_STATE_ADDRESS };
    return readPlayed(layOut(program), at);
  }
  const run = prepare(program);
  run.play();
  return run;
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

/** Waits for a child that has ended or is about to. */
function reap(child: number): Ending {
  const p = new ProgramBuilder();
  const info = p.buffer("child", SIGINFO.size);
  p.part("wait for the child", () => {
    p.call("waitid", [named("P", P, "PID"), child, info, WAIT.EXITED, NULL], {
      failure: "continue",
    });
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  const bytes = run.view(info);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (name: "code" | "status") =>
    view.getInt32(SIGINFO.fields[name].offset, true);
  return { code: field("code"), status: field("status") };
}

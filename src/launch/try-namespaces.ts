/**
 * Whether user namespaces can be had here, by trying: a child makes its own,
 * with what else an instance begins with, and ends. What a security module or a
 * filter does to it shows only there.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { mountMakeSlave, newFilesystem } from "../../syscalls/calls/mounts.ts";
import { flag, named, NULL } from "../../syscalls/calls/operands.ts";
import { cloneProcess, exitProcess } from "../../syscalls/calls/processes.ts";
import { CLONE } from "../../syscalls/constants/clone.table.ts";
import {
  MOUNT_ATTR,
  MOVE_MOUNT,
} from "../../syscalls/constants/mount.table.ts";
import { P, WAIT } from "../../syscalls/constants/wait.table.ts";
import { jumpIf, set } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { union } from "../../syscalls/flags.ts";
import { MAKING_PROC } from "../plan/plan-proc.ts";
import { explainUserNamespaces } from "./explain-user-namespaces.ts";

/** What came of it. */
export interface NamespaceTrial {
  /** Null if an instance could begin so; else what stood in the way, and what helps. */
  readonly refusal: string | null;
  /** Whether a mount can go beneath another (Linux 6.5); null if that could not be tried. */
  readonly mountsBeneath: boolean | null;
}

export function tryNamespaces(): NamespaceTrial {
  const p = new ProgramBuilder();
  const [child, beneath] = [p.slot("child"), p.slot("beneath")];
  const [inChild, parent] = [p.label("child ends"), p.label("parent")];
  const flags = union(
    CLONE.VM,
    CLONE.VFORK,
    CLONE.NEWUSER,
    CLONE.NEWNS,
    CLONE.NEWPID,
    CLONE.NEWIPC,
  );
  p.faultsTo(parent, () =>
    p.part("make a process in new namespaces", () => {
      set(p, beneath, 0);
      cloneProcess(p, flags, child);
      jumpIf(p, [child, "!=", 0], parent);
    }),
  );
  p.faultsTo(inChild, () =>
    p.part("make mounts of its own", () => {
      const how = flag("MOVE_MOUNT", MOVE_MOUNT.BENEATH);
      const place = [-1, p.text("")] as const;
      p.call("move_mount", [...place, ...place, how], {
        result: beneath,
        failure: "continue",
      });
      mountMakeSlave(p);
    }),
  );
  p.faultsTo(inChild, () =>
    p.part(MAKING_PROC, () => {
      const attributes = MOUNT_ATTR.NOSUID;
      const how = { type: "proc", options: [], attributes } as const;
      newFilesystem(p, { ...how, result: "proc" });
    }),
  );
  p.part("end the trial", () => {
    p.place(inChild);
    exitProcess(p, 0);
    p.place(parent);
    const wait = [named("P", P, "PID"), child, NULL, WAIT.EXITED, NULL];
    p.call("waitid", wait, { failure: "continue" });
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  const fault = run.fault();
  const moved = run.read(beneath);
  return {
    refusal: fault === null ? null : explain(fault.step, fault.errno),
    mountsBeneath:
      moved === 0 || moved === -ERRNO.EPERM ? null : moved !== -ERRNO.EINVAL,
  };
}

function explain(
  step: Parameters<typeof explainUserNamespaces>[0],
  errno: number,
): string {
  return (
    explainUserNamespaces(step, errno) ??
    `${step.operation} fails in a new user namespace (errno ${errno})`
  );
}

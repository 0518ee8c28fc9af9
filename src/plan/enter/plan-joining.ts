/**
 * Joining the instance's namespaces. Security model: by descriptors, no path is
 * looked up until all privilege is gone. Rootless, the user namespace gives the
 * process its capabilities, which are the user's own right as its owner; with
 * root's privilege it is raised for these calls alone. The pid namespace is that
 * of the next child: nobody inside sees this process. setns(2).
 */

import { flag } from "../../../syscalls/calls/operands.ts";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import type { Instance } from "../instance.ts";
import { asRoot } from "../privilege.ts";
import type { Namespaces } from "./plan-permission.ts";
import { JOINED } from "./target.ts";

const KINDS = {
  user: CLONE.NEWUSER,
  ipc: CLONE.NEWIPC,
  uts: CLONE.NEWUTS,
  net: CLONE.NEWNET,
  mnt: CLONE.NEWNS,
  pid: CLONE.NEWPID,
} as const;

export function planJoining(instance: Instance, namespaces: Namespaces): void {
  const { p } = instance;
  p.part("join the instance's namespaces", () =>
    asRoot(instance, () => {
      for (const name of JOINED) {
        const descriptor = namespaces.get(name);
        if (descriptor === undefined) continue;
        const kind = flag("CLONE", KINDS[name]);
        p.call("setns", [descriptor, kind], { subject: `${name} namespace` });
      }
    }),
  );
}

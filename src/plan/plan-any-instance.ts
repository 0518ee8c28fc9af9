/**
 * The plan of every instance whose order fits the table: one for each way to
 * start it. They are made when the artifact is built; the launcher needs them
 * again only to tell which step has failed.
 */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import type { Bytes } from "./bytes.ts";
import { keptCapabilities } from "./capabilities.ts";
import type { Facts } from "./facts.ts";
import { makeOrdered, planOrdered } from "./plan-instance.ts";
import type { OrderedLaunch } from "./plan-instance.ts";
import { planTableOrder } from "./table-order.ts";
import type { Row } from "./table-order.ts";

/**
 * Who starts what: anybody without privilege, an ordinary user with root as the
 * saved id, root, and root that builds, who keeps capabilities.
 */
export const READY_NAMES = ["rootless", "setuid", "root", "rootBuild"] as const;

export type ReadyName = (typeof READY_NAMES)[number];

/** A launch, and which row of the table it was at. */
export interface AnyLaunch extends OrderedLaunch {
  readonly mountRow: Row;
  readonly limitRow: Row;
}

export function planAnyInstance(name: ReadyName): AnyLaunch {
  const p = new ProgramBuilder();
  const facts = readyFacts(name);
  const builds = name === "rootBuild";
  const action = builds ? ("build" as const) : ("run" as const);
  const capabilities = keptCapabilities({ action, asRoot: false }, facts);
  const { mountRow, limitRow, ...table } = planTableOrder(p);
  // Capabilities go with a writable root, and with an init: see impliedRequest.
  const order = {
    ...table,
    ...(builds ? { init: true } : {}),
    ...(name === "root" || builds ? { writable: builds } : {}),
  };
  // Where there is no directory, lines are not stage 0's: see plan-ready-made.ts.
  const usual = {
    asRoot: false,
    usesDirectory: false,
    proc: "own",
    scratch: null,
  } as const;
  const ordered = { order, facts, capabilities, ...usual };
  return { ...planOrdered(makeOrdered(p, ordered)), mountRow, limitRow };
}

/** What the planner is told; none of the numbers stands in the Program. */
function readyFacts(name: ReadyName): Facts {
  return {
    mode: name === "rootless" ? "rootless" : "privileged",
    caller: {
      anybody: false,
      uid: name === "root" || name === "rootBuild" ? 0 : 1,
      gid: 1,
      commandIndex: 0,
      environment: [],
      variableAddress: () => 0,
      directory: "/caller's directory" as Bytes,
    },
    covered: null,
    spawned: false,
    subordinate: null,
  };
}

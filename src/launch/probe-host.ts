/** What this host has and allows, for `doctor`. Nothing that is read here decides about access. */

import { giveUpSavedRoot } from "./give-up-root.ts";
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { NULL } from "../../syscalls/calls/operands.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { shown } from "../../syscalls/program.ts";
import { bytesFrom } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { playCall, type Call } from "./play-call.ts";
import { inInitialUserNamespace, probeMode } from "./probe-facts.ts";
import { ignoresSetuid } from "./probe-filesystem.ts";
import { kernelListsMounts } from "./probe-mounts.ts";
import { probeSubordinateIds } from "./probe-subordinate-ids.ts";
import type { Handover } from "./read-handover.ts";
import { tryNamespaces, type NamespaceTrial } from "./try-namespaces.ts";

/** The host as this process finds it. */
export interface HostFacts extends NamespaceTrial {
  readonly kernel: string;
  readonly uid: number;
  /** Whether this very process could start privileged instances. */
  readonly privileged: boolean;
  readonly program: {
    readonly path: Bytes;
    readonly owner: number;
    readonly setuid: boolean;
    readonly nosuid: boolean;
  };
  readonly initialUserNamespace: boolean;
  readonly noNewPrivileges: boolean;
  readonly filtered: boolean;
  /** See Handover. */
  readonly traceable: boolean;
  /** Why --as-root has one id only, or null. */
  readonly subordinate: string | null;
  /** What every instance needs and this kernel lacks, with the version that brought it. */
  readonly missingCalls: readonly string[];
  readonly listsMounts: boolean;
  /** vm.memfd_noexec, 0 where there is none. */
  readonly memoryExecution: number;
  /** The namespaces of which this host allows none: `mnt`, `net`. */
  readonly forbiddenNamespaces: readonly string[];
}

/** Calls that do nothing with these operands, and the version that brought them. */
const CALLS: readonly (readonly [since: string, call: Call])[] = [
  ["5.2", ["open_tree", [-1, NULL, shown(-1, "~0")]]],
  ["5.2", ["move_mount", [-1, NULL, -1, NULL, shown(-1, "~0")]]],
  ["5.2", ["fsopen", [NULL, shown(-1, "~0")]]],
  ["5.3", ["pidfd_open", [0, 0]]],
  ["5.6", ["openat2", [-1, NULL, NULL, 0]]],
  ["5.9", ["close_range", [1, 0, 0]]],
  ["5.12", ["mount_setattr", [-1, NULL, shown(-1, "~0"), NULL, 0]]],
];

const SETUID = 0o4000;

export function probeHost(handover: Handover): HostFacts {
  const privileged = probeMode({ rootless: false }, handover) === "privileged";
  giveUpSavedRoot(handover);
  const status = read("/proc/self/status");
  const subordinate = probeSubordinateIds(handover);
  return {
    ...tryNamespaces(),
    kernel: read("/proc/sys/kernel/osrelease"),
    uid: handover.uid,
    privileged,
    program: probeProgram(),
    initialUserNamespace: inInitialUserNamespace(),
    noNewPrivileges: /^NoNewPrivs:\t1$/m.test(status),
    filtered: /^Seccomp:\t2$/m.test(status),
    traceable: handover.traceable,
    subordinate: "missing" in subordinate ? subordinate.missing : null,
    missingCalls: CALLS.filter(([, call]) => isMissing(call)).map(
      ([since, [name]]) => `${name} (Linux ${since})`,
    ),
    listsMounts: kernelListsMounts(),
    memoryExecution: Number(read("/proc/sys/vm/memfd_noexec")),
    forbiddenNamespaces: ["mnt", "pid", "ipc", "net", "uts"].filter(
      (name) => read(`/proc/sys/user/max_${name}_namespaces`) === "0",
    ),
  };
}

function isMissing(call: Call): boolean {
  return playCall("ask for a call", () => call) === -ERRNO.ENOSYS;
}

function probeProgram(): HostFacts["program"] {
  const path = bytesFrom(readlinkSync("/proc/self/exe", "buffer"));
  const { uid, mode } = statSync("/proc/self/exe");
  return {
    path,
    owner: uid,
    setuid: (mode & SETUID) !== 0,
    nosuid: ignoresSetuid("/proc/self/exe" as Bytes),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * What a running instance shares with the host and what not, from the kernel's
 * tables. Security model: read with the caller's own rights alone, of a process
 * that is held by descriptor and looked at again at the end.
 */

import { closeSync, readFileSync, readlinkSync } from "node:fs";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { explainUnopened, openProcess, waitForProcess } from "./pidfd.ts";
import { isSameInstance } from "./probe-instances.ts";
import type { FoundInstance } from "./probe-instances.ts";
import { processToEnter } from "./probe-target.ts";

/** In the order in which they are told. */
export const NAMESPACES = [
  "pid",
  "mnt",
  "ipc",
  "user",
  "net",
  "uts",
  "cgroup",
  "time",
] as const;

export interface InstanceState {
  /** Those that are not the caller's. */
  readonly own: readonly (typeof NAMESPACES)[number][];
  /** Tables of mounts: the instance's, and the caller's. */
  readonly mounts: Bytes;
  readonly hostMounts: Bytes;
  /** Files of its pid 1. */
  readonly status: Bytes;
  readonly limits: Bytes;
  readonly uidMap: Bytes;
  readonly gidMap: Bytes;
  /** The names of network interfaces. */
  readonly interfaces: readonly string[];
  /** The number of the controlling terminal's device; 0: none. */
  readonly terminal: number;
}

export function probeInstanceState(found: FoundInstance): InstanceState {
  const pid = processToEnter(found);
  const descriptor = openProcess(pid);
  if (descriptor < 0) throw refusal(found, ...explainUnopened(-descriptor));
  if (!isSameInstance(found)) throw refusal(found, "it has ended");
  const read = (name: string, of = pid): Bytes => {
    const text = readWhole(`/proc/${of}/${name}`);
    if (text === null)
      throw refusal(found, "you may not look into its process");
    return text;
  };
  const { first } = found;
  const stat = read("stat", first);
  const state: InstanceState = {
    own: NAMESPACES.filter((name) => isOwn(pid, name, found)),
    mounts: read("mountinfo"),
    hostMounts: readWhole("/proc/self/mountinfo") ?? ("" as Bytes),
    status: read("status", first),
    limits: read("limits", first),
    uidMap: read("uid_map", first),
    gidMap: read("gid_map", first),
    interfaces: [...read("net/dev").matchAll(/^ *(\S+):/gm)].map(
      ([, name]) => name!,
    ),
    terminal: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[4]),
  };
  if (waitForProcess(descriptor, 0)) throw refusal(found, "it has ended");
  closeSync(descriptor);
  return state;
}

/** In as many readings as it takes: one of a long table gives its first page. */
function readWhole(path: string): Bytes | null {
  try {
    return readFileSync(path, "latin1") as Bytes;
  } catch {
    return null;
  }
}

function isOwn(pid: number, name: string, found: FoundInstance): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/ns/${name}`) !==
      readlinkSync(`/proc/self/ns/${name}`)
    );
  } catch {
    throw refusal(found, "you may not look into its process");
  }
}

function refusal(
  { pid }: FoundInstance,
  state: string,
  hint: string | null = null,
): SelfdockError {
  return new SelfdockError("launch", `Cannot explain ${pid}: ${state}`, hint);
}

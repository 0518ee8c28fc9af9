/**
 * What entering needs to know of a running instance. Security model: its process
 * is opened first, and all that is read of it by its number counts only because
 * the Program asks the descriptor at the end whether it still runs. All is read
 * with the caller's own effective ids. None of it gives a right: what may be
 * joined, the kernel decides (src/plan/enter/plan-permission.ts).
 */

import { readFileSync, readlinkSync } from "node:fs";
import { entryCapabilities } from "../plan/capabilities.ts";
import { SelfdockError } from "../plan/error.ts";
import { MOUNT_MARK } from "../plan/mount-mark.ts";
import { JOINED } from "../plan/enter/target.ts";
import type { Target } from "../plan/enter/target.ts";
import { explainUnopened, openProcess } from "./pidfd.ts";
import { isSameInstance } from "./probe-instances.ts";
import type { FoundInstance } from "./probe-instances.ts";
import { probeMode } from "./probe-facts.ts";
import type { Handover } from "./read-handover.ts";

export function probeTarget(found: FoundInstance, handover: Handover): Target {
  const { uid } = handover;
  if (found.uid !== uid)
    throw refusal(
      found,
      `it is user ${found.uid}'s, not yours`,
      uid === 0 ? `become that user: setpriv --reuid ${found.uid} …` : null,
    );
  if (found.mode === "privileged") requirePrivilege(found, handover);
  const pid = processToEnter(found);
  const descriptor = openProcess(pid);
  if (descriptor < 0) throw refusal(found, ...explainUnopened(-descriptor));
  if (!isSameInstance(found) || !belongs(pid, found))
    throw refusal(found, "it has ended");
  requireOwnIds(pid, found);
  return {
    pid,
    descriptor,
    namespaces: differing(pid, found),
    mountNamespace:
      found.mode === "privileged" ? markedMounts(pid, found) : null,
    capabilities: entryCapabilities(
      BigInt(`0x${statusField(found.first, "CapBnd") ?? "0"}`),
      found.mode === "privileged" && uid !== 0,
    ),
  };
}

/** An init with root's privilege behind it is nobody's to look into; its command is. */
export function processToEnter(found: FoundInstance): number {
  return found.mode === "privileged" && namespaceOf(found.first, "mnt") === null
    ? commandOf(found)
    : found.first;
}

function requirePrivilege(found: FoundInstance, handover: Handover): void {
  if (probeMode({ rootless: false }, handover) === "privileged") return;
  throw refusal(
    found,
    "it was made with root's privilege, and this selfdock has none",
    handover.traceable
      ? "fs.suid_dumpable is 1 on this host: root was given up"
      : "enter it with the selfdock that root has installed",
  );
}

/** The one child of the init. */
function commandOf({ first, members }: FoundInstance): number {
  const command = members.find((pid) =>
    statusField(pid, "NSpid")?.endsWith("\t2"),
  );
  return command ?? first;
}

/** Is it pid 1, or a child of its? */
function belongs(pid: number, { first }: FoundInstance): boolean {
  return pid === first || statusField(pid, "PPid") === String(first);
}

/** The kernel asks for as much where no user namespace is between. */
function requireOwnIds(pid: number, found: FoundInstance): void {
  const ids = statusField(pid, "Uid")?.split("\t").slice(0, 3) ?? [];
  if (ids.length === 3 && ids.every((id) => id === String(found.uid))) return;
  throw refusal(found, "its process has changed its user ids");
}

/** Those of its namespaces that are not ours; a process that is no instance shares the first two. */
function differing(pid: number, found: FoundInstance): Target["namespaces"] {
  const names = JOINED.filter((name) => {
    const theirs = namespaceOf(pid, name);
    if (theirs === null)
      throw refusal(found, "you may not look into its process");
    return theirs !== readlinkSync(`/proc/self/ns/${name}`);
  });
  for (const name of ["mnt", "pid"] as const)
    if (!names.includes(name))
      throw refusal(found, `its ${name} namespace is your own`);
  return names;
}

/** The inode of its mount namespace, if the table of its mounts holds our mark. */
function markedMounts(pid: number, found: FoundInstance): number {
  const before = namespaceOf(pid, "mnt");
  const marked = new RegExp(`^.* /dev .* - tmpfs ${MOUNT_MARK} `, "m").test(
    readProcess(pid, "mountinfo") ?? "",
  );
  const inode = /^mnt:\[(\d+)\]$/.exec(before ?? "")?.[1];
  if (marked && inode !== undefined && namespaceOf(pid, "mnt") === before)
    return Number(inode);
  throw refusal(found, "selfdock did not make its mounts");
}

function namespaceOf(pid: number, name: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${name}`);
  } catch {
    return null;
  }
}

function statusField(pid: number, name: string): string | null {
  const status = readProcess(pid, "status");
  const field = new RegExp(`^${name}:\t(.*)$`, "m").exec(status ?? "");
  return field?.[1] ?? null;
}

function readProcess(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return null;
  }
}

function refusal(
  { pid }: FoundInstance,
  state: string,
  hint: string | null = null,
): SelfdockError {
  return new SelfdockError("launch", `Cannot enter ${pid}: ${state}`, hint);
}

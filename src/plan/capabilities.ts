/**
 * The capabilities that the command has: none, but for root that builds a root
 * filesystem, which takes about what container engines leave by default, and for
 * --as-root, where they count in the instance's user namespace alone. Without
 * CAP_SYS_ADMIN among them, no mount of the instance can be changed.
 */

import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import type { Facts } from "./facts.ts";
import type { Request } from "./request.ts";

/** What unpacking and configuring packages takes. */
const FOR_BUILDING = [
  CAP.CHOWN,
  CAP.DAC_OVERRIDE,
  CAP.FOWNER,
  CAP.FSETID,
  CAP.KILL,
  CAP.SETGID,
  CAP.SETUID,
  CAP.SETPCAP,
  CAP.NET_BIND_SERVICE,
  CAP.NET_RAW,
  CAP.SYS_CHROOT,
  CAP.MKNOD,
  CAP.AUDIT_WRITE,
  CAP.SETFCAP,
];

/**
 * Root in a user namespace: the same but for device nodes, which the kernel
 * refuses there. Who builds may mount, too: the mounts are the instance's own.
 * Not so uid 0 of the host, whose files under /proc/sys ask for nothing but the
 * uid: it must not make their read-only mount writable.
 */
function asRootCapabilities(
  { action }: Pick<Request, "action">,
  { caller }: Facts,
): readonly number[] {
  const kept = FOR_BUILDING.filter((capability) => capability !== CAP.MKNOD);
  return action === "build" && caller.uid !== 0
    ? [...kept, CAP.SYS_ADMIN]
    : kept;
}

/** The numbers of the capabilities that are kept. */
export function keptCapabilities(
  request: Pick<Request, "action" | "asRoot">,
  facts: Facts,
): readonly number[] {
  const { mode, caller } = facts;
  if (request.asRoot) return asRootCapabilities(request, facts);
  const builder =
    request.action === "build" && mode === "privileged" && caller.uid === 0;
  return builder ? FOR_BUILDING : [];
}

/**
 * What enters gets the set that pid 1 was started with: one of ours, told by its
 * bounding set. One that is none of ours (pid 1 has made a user namespace since)
 * gives nothing; nor does root's privilege that is not the caller's.
 */
export function entryCapabilities(
  bounding: bigint,
  elevated: boolean,
): readonly number[] {
  const inNamespace = FOR_BUILDING.filter((each) => each !== CAP.MKNOD);
  const sets = [FOR_BUILDING, inNamespace, [...inNamespace, CAP.SYS_ADMIN]];
  const found = sets.find((numbers) => maskOf(numbers) === bounding);
  return elevated ? [] : (found ?? []);
}

function maskOf(capabilities: readonly number[]): bigint {
  return capabilities.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
}

/** The request with what it implies: a pid 1 that may change its ids would lose its death signal. */
export function impliedRequest(request: Request, facts: Facts): Request {
  const mayChangeIds = keptCapabilities(request, facts).length > 0;
  return { ...request, init: request.init || mayChangeIds };
}

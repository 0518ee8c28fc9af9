/**
 * The capabilities that the command has: none, but for root that builds a root
 * filesystem, which takes about what container engines leave by default. Without
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

/** The numbers of the capabilities that are kept. */
export function keptCapabilities(
  { action }: Request,
  { mode, caller }: Facts,
): readonly number[] {
  const builder =
    action === "build" && mode === "privileged" && caller.uid === 0;
  return builder ? FOR_BUILDING : [];
}

/** The request with what it implies: a pid 1 that may change its ids would lose its death signal. */
export function impliedRequest(request: Request, facts: Facts): Request {
  const mayChangeIds = keptCapabilities(request, facts).length > 0;
  return { ...request, init: request.init || mayChangeIds };
}

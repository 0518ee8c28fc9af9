/** `--keep-fd N`, `--data N DST`: only what the caller handed over, never a descriptor of our own. */

import { SelfdockError } from "../plan/error.ts";
import { missingDescriptor } from "../plan/missing-descriptor.ts";
import type { Request } from "../plan/request.ts";
import type { Handover } from "./read-handover.ts";

export function checkDescriptors(
  { keepDescriptors, mounts }: Pick<Request, "keepDescriptors" | "mounts">,
  handover: Handover,
): void {
  for (const descriptor of keepDescriptors)
    requireInherited("keep", descriptor, handover);
  for (const mount of mounts)
    if (mount.kind === "data")
      requireInherited("read", mount.descriptor, handover);
}

function requireInherited(
  action: "keep" | "read",
  descriptor: number,
  { inherited }: Handover,
): void {
  if (inherited(descriptor)) return;
  const { message, hint } = missingDescriptor(action, descriptor);
  throw new SelfdockError("launch", message, hint);
}

/** `--keep-fd N`, `--data N DST`: only what the caller handed over, never a descriptor of our own. */

import { SelfdockError } from "../plan/error.ts";
import { missingDescriptor } from "../plan/failure-words.ts";
import type { Request } from "../plan/request.ts";
import type { Handover } from "./read-handover.ts";

export function checkDescriptors(
  { keepDescriptors, mounts }: Pick<Request, "keepDescriptors" | "mounts">,
  { inherited }: Handover,
): void {
  const read = mounts.flatMap((mount) =>
    mount.kind === "data" ? [mount.descriptor] : [],
  );
  for (const [action, descriptors] of [
    ["keep", keepDescriptors],
    ["read", read],
  ] as const) {
    const missing = descriptors.find((descriptor) => !inherited(descriptor));
    if (missing === undefined) continue;
    const { message, hint } = missingDescriptor(action, missing);
    throw new SelfdockError("launch", message, hint);
  }
}

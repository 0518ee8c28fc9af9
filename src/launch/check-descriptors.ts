/** `--keep-fd N`, `--data N DST`: only what the caller handed over, never a descriptor of our own. */

import { SelfdockError } from "../plan/error.ts";
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
    throw new SelfdockError(
      "launch",
      `Cannot ${action} descriptor ${missing}: it is not open`,
      `the shell opens one with, for example, ${missing}<FILE`,
    );
  }
}

/** `--keep-fd N`: only what the caller handed over, never a descriptor of our own. */

import { SelfdockError } from "../plan/error.ts";
import type { Request } from "../plan/request.ts";
import type { Handover } from "./read-handover.ts";

export function checkDescriptors(
  { keepDescriptors }: Request,
  { inherited }: Handover,
): void {
  const missing = keepDescriptors.find((descriptor) => !inherited(descriptor));
  if (missing === undefined) return;
  throw new SelfdockError(
    "launch",
    `Cannot keep descriptor ${missing}: it is not open`,
    `the shell opens one with, for example, ${missing}<FILE`,
  );
}

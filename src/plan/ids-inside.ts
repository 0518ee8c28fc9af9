/** The caller's ids as they are inside. */

import type { Caller } from "./facts.ts";
import type { Request } from "./request.ts";

export function idsInside(
  { asRoot }: Pick<Request, "asRoot">,
  { caller }: { readonly caller: Pick<Caller, "uid" | "gid"> },
): { readonly uid: number; readonly gid: number } {
  return asRoot ? { uid: 0, gid: 0 } : caller;
}

/** `--hostname`: the name of the new UTS namespace. uts_namespaces(7). */

import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import { asRoot } from "./privilege.ts";

export function planHostname(instance: Instance): void {
  const { p, request } = instance;
  const { hostname } = request;
  if (hostname === null) return;
  p.part(`name the host ${quote(hostname)}`, () =>
    asRoot(
      instance,
      () => void p.call("sethostname", [p.text(hostname), hostname.length]),
    ),
  );
}

/** `--hostname`: the name of the new UTS namespace. uts_namespaces(7). */

import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { asRoot } from "./privilege.ts";

export function planHostname(instance: Instance): void {
  const { p, order } = instance;
  const { namesHost, hostname, hostnameLength } = order;
  p.part(`name the host ${hostname.name}`, () =>
    whether(p, namesHost, () =>
      asRoot(
        instance,
        () => void p.call("sethostname", [hostname.address, hostnameLength]),
      ),
    ),
  );
}

/** `--net none`: the new network namespace has a loopback interface; it is brought up. netdevice(7). */

import { AF, IFF, SIOC, SOCK } from "../../syscalls/constants/network.table.ts";
import { close } from "../../syscalls/calls/files.ts";
import { flag, named } from "../../syscalls/calls/operands.ts";
import { union } from "../../syscalls/flags.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { IFREQ } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { asRoot } from "./privilege.ts";

export function planNetwork(instance: Instance): void {
  const { p, order } = instance;
  p.part("bring the loopback interface up", () =>
    whether(p, order.noNetwork, () =>
      asRoot(instance, () => {
        const type = flag("SOCK", union(SOCK.DGRAM, SOCK.CLOEXEC));
        const socket = p.call("socket", [named("AF", AF, "INET"), type, 0], {
          result: "socket",
        });
        const flags = union(IFF.UP, IFF.RUNNING);
        const name = Buffer.from("lo");
        const interfaceUp = p.constant(
          "{lo: IFF_UP}",
          encodeStruct(IFREQ, { name, flags }),
        );
        p.call("ioctl", [socket, named("SIOC", SIOC, "SIFFLAGS"), interfaceUp]);
        close(p, socket);
      }),
    ),
  );
}

/** What must be there before a baked launch is played: descriptors, and a kernel that lists mounts. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { named } from "../../../syscalls/calls/operands.ts";
import { F } from "../../../syscalls/constants/open.table.ts";
import { jump } from "../../../syscalls/control.ts";
import { missingDescriptor } from "../../plan/missing-descriptor.ts";
import { planMountListing, UNLISTED } from "../../plan/plan-mount-listing.ts";
import type { Request } from "../../plan/request.ts";
import { refuse, refusing } from "../refusal.ts";

/** Only what the caller handed over is kept or read: asked before anything is opened. */
export function planInherited(
  p: ProgramBuilder,
  { keepDescriptors, mounts }: Request,
): void {
  const read = mounts.flatMap((mount) =>
    mount.kind === "data" ? [mount.descriptor] : [],
  );
  p.part("see whether the descriptors are open", () => {
    for (const [action, descriptors] of [
      ["keep", keepDescriptors],
      ["read", read],
    ] as const)
      for (const descriptor of descriptors) {
        const [missing, open] = [p.label("closed"), p.label("open")];
        const ask = [descriptor, named("F", F, "GETFD")];
        p.call("fcntl", ask, { failure: missing });
        jump(p, open);
        p.place(missing);
        const { message, hint } = missingDescriptor(action, descriptor);
        refuse(p, message, hint);
        p.place(open);
      }
  });
}

/** Without it a mount of the host's could stay visible: the file knows none by name. */
export function planListing(p: ProgramBuilder): void {
  refusing(p, "see whether the kernel lists mounts", () => {
    const [no, yes] = [p.label("it does not"), p.label("it does")];
    planMountListing(p, no);
    jump(p, yes);
    p.place(no);
    refuse(p, `Cannot start: ${UNLISTED.state}`, UNLISTED.hint);
    p.place(yes);
  });
}

/** Which file the baked one is itself: the search for its command passes it over. */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { close, openPlace } from "../../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../../syscalls/calls/operands.ts";
import { store } from "../../../syscalls/control.ts";
import type { Flags } from "../../../syscalls/flags.ts";
import { planFileNumbers } from "../../plan/plan-passing-over.ts";
import { handedOver, OWN_FILE } from "../handover.ts";
import { refusing } from "../refusal.ts";

const FOLLOW = 0 as Flags<"O">;

/** Without a /proc it does not know, and none is passed over. */
export function planOwnFile(p: ProgramBuilder): void {
  refusing(p, "see which file it is", () => {
    const [place, unknown] = [p.slot("own file"), p.label("not known")];
    const path = p.text("/proc/self/exe");
    openPlace(p, [WORKING_DIRECTORY, path], FOLLOW, {
      result: place,
      failure: unknown,
    });
    const { device, inode } = planFileNumbers(p, place, unknown);
    close(p, place);
    const { fields } = OWN_FILE;
    store(p, 8, [handedOver("ownFile"), fields.device.offset], device);
    store(p, 8, [handedOver("ownFile"), fields.inode.offset], inode);
    p.place(unknown);
  });
}

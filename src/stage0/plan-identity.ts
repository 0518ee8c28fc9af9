/**
 * Gives up the effective ids. Security model: after this part the effective ids
 * are the caller's; root is at most the saved id, and not even that where the
 * caller could trace the process (fs.suid_dumpable = 1), or where the file is
 * set to anybody else's id. Who is not root has no capability either, such as the
 * file's own (setcap(8)): nothing is made by one, and JavaScript must not have it.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { setAllUsers, setCapabilities } from "../../syscalls/calls/identity.ts";
import { PR } from "../../syscalls/constants/prctl.table.ts";
import { jump, jumpIf, load, store } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { HANDOVER, MEMORY_ADDRESS, handoverAddress } from "./handover.ts";
import { refuse, refusing } from "./refusal.ts";

/** SUID_DUMP_USER of linux/sched/coredump.h: processes of the same user may trace this one. */
const TRACEABLE = 1;

const UNCHANGED = shown(-1, "-1");

interface Ids {
  readonly real: Slot;
  readonly effective: Slot;
  readonly saved: Slot;
}

export function planIdentity(p: ProgramBuilder): void {
  refusing(p, "give up the effective ids", () => {
    const users = readIds(p, "uid");
    const groups = readIds(p, "gid");
    const done = p.label("ids are the caller's");
    const foreign = p.label("set to another id");
    jumpIf(p, [groups.effective, "!=", groups.real], foreign);
    jumpIf(p, [groups.saved, "!=", groups.real], foreign);
    const elevated = p.label("set-user-id");
    jumpIf(p, [users.effective, "!=", users.real], elevated);
    jumpIf(p, [users.saved, "!=", users.real], elevated);
    jumpIf(p, [users.real, "==", 0], done);
    setCapabilities(p);
    jump(p, done);
    p.place(elevated);
    jumpIf(p, [users.effective, "!=", 0], foreign);
    jumpIf(p, [users.saved, "!=", 0], foreign);
    planSavedRoot(p, users.real, done);
    p.place(foreign);
    planForeign(p, users.real, groups.real);
    p.place(done);
  });
}

/** Root stays the saved id, if nobody can reach into the process for it. */
function planSavedRoot(p: ProgramBuilder, real: Slot, done: Label): void {
  const safe = p.label("not traceable");
  const dumpable = p.call(
    "prctl",
    [named("PR", PR, "GET_DUMPABLE"), 0, 0, 0, 0],
    { result: "dumpable" },
  );
  jumpIf(p, [dumpable, "!=", TRACEABLE], safe);
  setAllUsers(p, real);
  store(p, 8, [MEMORY_ADDRESS, HANDOVER.fields.traceable.offset], 1);
  const checked = p.label("check ids");
  jump(p, checked);
  p.place(safe);
  p.call("setresuid", [UNCHANGED, real, UNCHANGED]);
  p.place(checked);
  const now = readIds(p, "uid");
  jumpIf(p, [now.effective, "==", real], done);
  refuse(p, "Cannot start: the effective user id cannot be given up");
}

/** A file that is set to any id but root's: nothing that selfdock can use. */
function planForeign(p: ProgramBuilder, real: Slot, group: Slot): void {
  p.call("setresgid", [group, group, group]);
  setAllUsers(p, real);
  refuse(
    p,
    "Cannot start: this file is set-group-id, or set-user-id to a user other than root",
  );
}

/** Asks for the three ids, straight into the handover. */
export function readIds(p: ProgramBuilder, kind: "uid" | "gid"): Ids {
  const fields = {
    uid: ["uid", "effectiveUid", "savedUid"],
    gid: ["gid", "effectiveGid", "savedGid"],
  } as const;
  const addresses = fields[kind].map((field) =>
    shown(handoverAddress(field), `&handover.${field}`),
  );
  p.call(kind === "uid" ? "getresuid" : "getresgid", addresses);
  const [real, effective, saved] = addresses.map((address, index) => {
    const slot = p.slot(fields[kind][index]!);
    load(p, slot, 4, [address, 0]);
    return slot;
  });
  return { real: real!, effective: effective!, saved: saved! };
}

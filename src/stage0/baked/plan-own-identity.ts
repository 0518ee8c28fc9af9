/**
 * Who may start a baked file. Security model: the file has no privilege to lose.
 * Where its mode or a stranger gave it one, or its user is not the one that it
 * was made for, nothing of it is done.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { jumpIf } from "../../../syscalls/control.ts";
import { readIds } from "../plan-identity.ts";
import { refuse, refusing } from "../refusal.ts";
import type { Owner } from "./recipe.ts";

export function planOwnIdentity(p: ProgramBuilder, owner: Owner | null): void {
  refusing(p, "see who starts it", () => {
    const [users, groups] = [readIds(p, "uid"), readIds(p, "gid")];
    const [foreign, plain] = [p.label("set to an id"), p.label("not set")];
    for (const { real, effective, saved } of [users, groups]) {
      jumpIf(p, [effective, "!=", real], foreign);
      jumpIf(p, [saved, "!=", real], foreign);
    }
    p.control("jump", [plain]);
    p.place(foreign);
    refuse(
      p,
      "Cannot start: a baked file must not be set-user-id or set-group-id",
      "chmod ug-s FILE; a selfdock that root has installed is the one that may be",
    );
    p.place(plain);
    if (owner === null) return;
    const [other, own] = [p.label("another user"), p.label("the user")];
    jumpIf(p, [users.real, "!=", owner.uid], other);
    jumpIf(p, [groups.real, "==", owner.gid], own);
    p.place(other);
    refuse(
      p,
      `Cannot start: this file was baked for uid ${owner.uid} and gid ${owner.gid} alone`,
      "bake it again as the user who is to start it",
    );
    p.place(own);
  });
}

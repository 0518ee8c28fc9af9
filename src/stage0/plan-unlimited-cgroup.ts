/**
 * Whether no cgroup limits how many processes there may be: the one of the pids
 * controller is the root's own, which has no pids.max. That is so on no host of
 * systemd's; elsewhere it is often, and seen at a twentieth of what a trial takes.
 * cgroups(7).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openFile } from "../../syscalls/calls/files.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { compute, jumpIf, load, loop, set } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label } from "../../syscalls/program.ts";
import { planInitialNamespace } from "./plan-initial-namespace.ts";

/** A host has some fifteen hierarchies; what does not fit is not looked at. */
const TEXT_SIZE = 4096;

/** All that is there where cgroups are of version 2 alone. */
const ROOT_ALONE = "0::/\n";
/** In a hierarchy of version 1, in eight bytes. */
const ROOT_OF_PIDS = ":pids:/\n";

/** Goes on if that is sure, else to `doubt`. */
export function planUnlimitedCgroup(p: ProgramBuilder, doubt: Label): void {
  const text = p.buffer("cgroups of this process", TEXT_SIZE + 8);
  const [size, at] = [p.slot("size of the text"), p.slot("at")];
  const [word, root] = [p.slot("eight bytes"), p.label("the root's")];
  const path = p.text("/proc/self/cgroup");
  const file = openFile(p, [WORKING_DIRECTORY, path], O.RDONLY, {
    result: "cgroups",
    failure: doubt,
  });
  p.call("read", [file, text, TEXT_SIZE], {
    result: size,
    failure: "continue",
  });
  close(p, file);
  jumpIf(p, [size, "<", ROOT_ALONE.length], doubt);
  const bytes = Buffer.from(ROOT_OF_PIDS).readBigUInt64LE();
  const wanted = shown(bytes, JSON.stringify(ROOT_OF_PIDS));
  jumpIf(p, [size, "==", ROOT_ALONE.length], root);
  set(p, at, 0);
  loop(p, "look for the pids controller", () => {
    jumpIf(p, [at, "==", size], doubt);
    load(p, word, 8, [addressOf(text), at]);
    jumpIf(p, [word, "==", wanted], root);
    compute(p, at, [at, "+", 1]);
  });
  p.place(root);
  planInitialNamespace(p, "cgroup", doubt);
}

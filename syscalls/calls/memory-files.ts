/** Files in memory that no directory names. */

import type { CallOptions, ProgramBuilder } from "../builder.ts";
import { F, F_SEAL, MFD } from "../constants/open.table.ts";
import { jump, jumpIf } from "../control.ts";
import { ERRNO } from "../errno.table.ts";
import type { Flags } from "../flags.ts";
import { union } from "../flags.ts";
import type { Slot } from "../program.ts";
import { flag, named } from "./operands.ts";

const NOTHING = 0 as Flags<"MFD">;

/**
 * A file in memory and in no directory, to be written, sealed and executed.
 * memfd_create(2); the flag that says that it may be executed came with Linux 6.3.
 */
export function createExecutableMemory(
  p: ProgramBuilder,
  name: string,
  result: Slot,
): void {
  const [failed, old, done] = [
    p.label("no memory file"),
    p.label("an older kernel"),
    p.label("memory file"),
  ];
  const flags = union(MFD.CLOEXEC, MFD.ALLOW_SEALING);
  const create = (more: Flags<"MFD">, options: CallOptions) =>
    p.call("memfd_create", [p.text(name), flag("MFD", union(flags, more))], {
      ...options,
      result,
    });
  create(MFD.EXEC, { failure: failed });
  jump(p, done);
  p.place(failed);
  jumpIf(p, [result, "==", -ERRNO.EINVAL], old);
  create(MFD.EXEC, {});
  jump(p, done);
  p.place(old);
  create(NOTHING, {});
  p.place(done);
}

/** Nothing can change it from here on, not even its seals. fcntl(2). */
export function seal(p: ProgramBuilder, file: Slot): void {
  const { SEAL, SHRINK, GROW, WRITE } = F_SEAL;
  p.call("fcntl", [
    file,
    named("F", F, "ADD_SEALS"),
    flag("F_SEAL", union(SEAL, SHRINK, GROW, WRITE)),
  ]);
}

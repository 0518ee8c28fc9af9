/** What a filesystem allows. */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { STATFS_BUFFER } from "../../syscalls/structs.ts";
import { quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";

/** ST_NOSUID of linux/statfs.h. */
const NOSUID = 2n;

/** Whether set-id bits are ignored where the path is: statfs(2). */
export function ignoresSetuid(path: Bytes): boolean {
  const p = new ProgramBuilder();
  const answer = p.buffer("statfs", STATFS_BUFFER.size);
  const end = p.label("end");
  p.faultsTo(end, () =>
    p.part("ask for the filesystem", () => {
      p.call("statfs", [p.text(path), answer]);
      p.place(end);
      p.control("stop", [0]);
    }),
  );
  const run = prepare(p.finish());
  run.play();
  if (run.fault() !== null)
    throw new SelfdockError(
      "launch",
      `Cannot find out about the filesystem of ${quote(path)}`,
    );
  const bytes = run.view(answer);
  const flags = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(
    STATFS_BUFFER.fields.flags.offset,
    true,
  );
  return (flags & NOSUID) !== 0n;
}

/** Waits for a child that has ended or is about to, and says how. */

import { ProgramBuilder } from "../../syscalls/builder.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import { P, WAIT } from "../../syscalls/constants/wait.table.ts";
import { prepare } from "../../syscalls/ffi.ts";
import { SIGINFO } from "../../syscalls/structs.ts";
import type { Ending } from "./explain-failure.ts";

export function reap(child: number): Ending {
  const p = new ProgramBuilder();
  const info = p.buffer("child", SIGINFO.size);
  p.part("wait for the child", () => {
    p.call("waitid", [named("P", P, "PID"), child, info, WAIT.EXITED, NULL], {
      failure: "continue",
    });
    p.control("stop", [0]);
  });
  const run = prepare(p.finish());
  run.play();
  const bytes = run.view(info);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (name: "code" | "status") =>
    view.getInt32(SIGINFO.fields[name].offset, true);
  return { code: field("code"), status: field("status") };
}

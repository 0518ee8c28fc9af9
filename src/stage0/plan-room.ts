/**
 * Is there room for Bun? Where a limit is too low it would crash, so stage 0
 * says no before: the figures are what Bun 1.4 was seen to need, rounded up.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import { jumpIf, loadField } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import { RLIMIT64 } from "../../syscalls/structs.ts";
import { refuse, refusing } from "./refusal.ts";

const GIB = 2 ** 30;
const KIB = 2 ** 10;

const NEEDED = [
  {
    limit: "AS",
    bytes: 3 * GIB,
    words: "address space (ulimit -v) is below 3 GiB",
  },
  { limit: "DATA", bytes: 3 * GIB, words: "data (ulimit -d) is below 3 GiB" },
  {
    limit: "STACK",
    bytes: 256 * KIB,
    words: "the stack (ulimit -s) is below 256 KiB",
  },
] as const;

export function planRoom(p: ProgramBuilder): void {
  refusing(p, "see whether there is room", () => {
    const limit = p.buffer("limit", RLIMIT64.size);
    const soft = p.slot("soft limit");
    for (const { limit: name, bytes, words } of NEEDED) {
      const [low, enough] = [p.label("too low"), p.label("enough")];
      const least = shown(bytes, words.slice(words.lastIndexOf(" below ") + 7));
      p.call("prlimit64", [0, named("RLIMIT", RLIMIT, name), NULL, limit]);
      loadField(p, soft, [RLIMIT64, "cur"], limit);
      jumpIf(p, [soft, "below", least], low);
      p.control("jump", [enough]);
      p.place(low);
      refuse(p, `Cannot start: the limit on ${words}`);
      p.place(enough);
    }
  });
}

/** Whether a namespace of this process is the one that the machine started with. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { jumpIf, load } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label } from "../../syscalls/program.ts";
import { INITIAL_NAMESPACE } from "../plan/facts.ts";

/** As many bytes as any of their names has, in whole words. */
const NAME_SIZE = 24;

/** Goes on to the next step, or to `no`, also if that is not to be known. */
export function planInitialNamespace(
  p: ProgramBuilder,
  kind: keyof typeof INITIAL_NAMESPACE,
  no: Label,
): void {
  const initial = INITIAL_NAMESPACE[kind];
  const name = p.buffer(`${kind} namespace`, 64);
  const [size, word] = [p.slot("name's length"), p.slot("name's word")];
  p.call(
    "readlinkat",
    [WORKING_DIRECTORY, p.text(`/proc/self/ns/${kind}`), name, name.size],
    { result: size, failure: no },
  );
  jumpIf(p, [size, "!=", initial.length], no);
  const expected = Buffer.from(initial.padEnd(NAME_SIZE, "\0"));
  for (let at = 0; at < expected.length; at += 8) {
    load(p, word, 8, [addressOf(name), at]);
    const value = expected.readBigUInt64LE(at);
    jumpIf(p, [word, "!=", shown(value, `${initial} + ${at}`)], no);
  }
}

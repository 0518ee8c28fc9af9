/**
 * `--keep-fd` of a spawner's instance: what the command keeps came to the spawner
 * by message, under numbers of its own. The child moves it out of the way first,
 * and puts it where it belongs last. Security model: the spawner lets go of its
 * copies as soon as the command is executed, and no other instance is its child.
 */

import { named } from "../../syscalls/calls/operands.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { load } from "../../syscalls/control.ts";
import type { Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { MOST_KEPT, ticket } from "./spawner/spawner-memory.ts";

/** Where they are meanwhile, in the order of the numbers that they shall have. */
export type ReceivedDescriptors = readonly Slot[];

/** Our own have the numbers below, as long as nothing is mounted. */
const FIRST = 3 + 2 * MOST_KEPT;
const INT = 4;

/** Before the child gives its own descriptors their numbers; none but a spawner's has any. */
export function planReceivedDescriptors({
  p,
  order,
  facts,
}: Instance): ReceivedDescriptors {
  const { kept } = order.descriptors;
  if (!facts.spawned || kept.length === 0) return [];
  const above = firstGap(kept);
  const move = named("F", F, "DUPFD_CLOEXEC");
  return p.part("keep the descriptors that came by message", () =>
    kept.map((number, at) => {
      const [given, moved] = [
        p.slot("given descriptor"),
        p.slot(`descriptor ${number}`),
      ];
      load(p, given, INT, [ticket("kept"), INT * at]);
      p.call("fcntl", [given, move, above], { result: moved });
      return moved;
    }),
  );
}

/** The first of so many numbers in a row that nothing takes. */
function firstGap(kept: readonly number[]): number {
  let first = FIRST;
  for (const number of kept)
    if (number >= first && number < first + kept.length) first = number + 1;
  return first;
}

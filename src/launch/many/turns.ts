/** The turns of commands of which there may be fewer at once than instances: an eventfd(2). */

import { EFD } from "../../../syscalls/constants/open.table.ts";
import { union } from "../../../syscalls/flags.ts";
import { defineCall } from "../define-call.ts";
import { failedCall } from "../failed-call.ts";

const COUNT = 8;

const create = defineCall("eventfd2", ["number", "number"]);
const add = defineCall("write", ["number", { buffer: COUNT }, "number"]);

/** So many of them: a descriptor. Throws a SelfdockError if there can be none. */
export function makeTurns(count: number): number {
  const how = union(EFD.SEMAPHORE, EFD.NONBLOCK, EFD.CLOEXEC);
  const turns = create(count, how);
  if (turns >= 0) return turns;
  throw failedCall("count the commands that run", -turns);
}

/** One more: that of a spawner that has ended without giving it back. */
export function returnTurn(turns: number): void {
  const [count] = add.buffers;
  count!.fill(0);
  count![0] = 1;
  add(turns, COUNT);
}

/**
 * `batch` has more instances made than there may be commands at once, so that
 * none of the processors waits (src/plan/spawner). What an instance needs last is
 * a turn: one of as many as there may be commands, in an eventfd(2) that all
 * spawners share; its spawner gives it back when all has ended.
 *
 * Security model: the child waits without any right that the command has not, and
 * the command gets none of what it waits with. It ends if the asker has gone.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { F } from "../../syscalls/constants/open.table.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import { jumpIf, load, loop, store, when } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { POLLFD } from "../../syscalls/pollfd.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { planMoment } from "./spawner/plan-moment.ts";
import { SPAWNER_DESCRIPTOR, ticket, TURN } from "./spawner/spawner-memory.ts";

export interface Turn {
  /** Writes the waiting; `dead` is where the child ends. */
  wait(dead: Label): void;
}

const NO_TURN: Turn = { wait: () => {} };
const FOREVER = shown(-1, "-1");
/** What eventfd(2) reads and writes. */
const COUNT = 8;

/**
 * Before the child gives its own descriptors their numbers, and behind those of
 * the command: these may have numbers of theirs, since they are gone before they
 * get them. None but a spawner's child waits.
 */
export function planTurn({ p, order, facts }: Instance): Turn {
  if (!facts.spawned) return NO_TURN;
  const needed = p.slot("a turn is needed");
  const [turns, socket] = [p.slot("turns"), p.slot("spawner's socket")];
  const move = named("F", F, "DUPFD_CLOEXEC");
  const { aboveReport } = order.descriptors;
  p.part("keep what tells of a turn", () => {
    load(p, needed, 8, [ticket("turn"), 0]);
    when(p, [needed, "!=", TURN.none], () => {
      for (const [name, to] of [
        ["turns", turns],
        ["socket", socket],
      ] as const) {
        const own = SPAWNER_DESCRIPTOR[name];
        p.call("fcntl", [own, move, aboveReport], { result: to });
        p.call("close", [own]);
      }
    });
  });
  const planWait = (dead: Label) => {
    planMoment(p, "stood");
    planTaking(p, { turns, socket, dead });
    store(p, 8, [ticket("turn"), 0], TURN.taken);
    planMoment(p, "resumed");
  };
  return {
    wait: (dead) =>
      p.part("wait for a turn", () =>
        when(p, [needed, "!=", TURN.none], () => planWait(dead)),
      ),
  };
}

/** Takes one as soon as there is one. */
function planTaking(
  p: ProgramBuilder,
  { turns, socket, dead }: { turns: Slot; socket: Slot; dead: Label },
): void {
  const count = p.buffer("a turn", COUNT);
  const polled = p.buffer("what is watched", 2 * POLLFD.size);
  const [got, gone] = [p.slot("got"), p.slot("asker has gone")];
  const [first, second] = [addressOf(polled), addressOf(polled, POLLFD.size)];
  const { fd, events, revents } = POLLFD.fields;
  loop(p, "until there is one", (leave) => {
    p.call("read", [turns, count, COUNT], { result: got, failure: "continue" });
    jumpIf(p, [got, "==", COUNT], leave);
    when(p, [got, "!=", -ERRNO.EAGAIN], () =>
      p.fail(ERRNO.EBADF, "the count of commands"),
    );
    store(p, 4, [first, fd.offset], turns);
    store(p, 4, [first, events.offset], POLL.IN);
    // Of the socket its end alone is of interest, which is always told.
    store(p, 4, [second, fd.offset], socket);
    p.call("poll", [polled, 2, FOREVER]);
    load(p, gone, 2, [second, revents.offset]);
    jumpIf(p, [gone, "!=", 0], dead);
  });
}

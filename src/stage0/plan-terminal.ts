/**
 * The terminal's foreground group, between the launcher's own group and that of
 * the instance's pid 1. Every signal is blocked, so that giving the terminal
 * away from the background does not stop the supervisor. tty_ioctl(4).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { TIOC } from "../../syscalls/constants/terminal.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  set,
  store,
} from "../../syscalls/control.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Data, Label, Operand, Slot } from "../../syscalls/program.ts";

export interface Terminal {
  /** Its descriptor, or -1 if none of 0 to 2 is the controlling terminal. */
  readonly descriptor: Slot;
  /** The launcher's own process group. */
  readonly ownGroup: Slot;
  /** Finds both out. */
  planFind(): void;
  /** Takes the terminal from the instance: from pid 1's group, or from one that is dead. */
  planTake(child: Slot): void;
  /** Gives it to pid 1's group, if it is our own group's now. */
  planGive(child: Slot): void;
}

export function planTerminal(p: ProgramBuilder): Terminal {
  const answer = p.buffer("foreground group", 4);
  const descriptor = p.slot("terminal");
  const ownGroup = p.slot("own group");
  const foreground = p.slot("foreground group's id");
  const question = named("TIOC", TIOC, "GPGRP");
  const ask = (none: Label) => {
    jumpIf(p, [descriptor, "<", 0], none);
    p.call("ioctl", [descriptor, question, answer], { failure: none });
    load(p, foreground, 4, [addressOf(answer), 0]);
  };
  return {
    descriptor,
    ownGroup,
    planFind: () => planFind(p, { descriptor, ownGroup, answer }),
    planTake: (child) => {
      const [keep, take] = [
        p.label("leave the terminal"),
        p.label("take the terminal"),
      ];
      const group = p.slot("minus the group");
      ask(keep);
      jumpIf(p, [foreground, "==", ownGroup], keep);
      jumpIf(p, [foreground, "==", child], take);
      compute(p, group, [0, "-", foreground]);
      // A group that has a living process is somebody's own.
      p.call("kill", [group, 0], { failure: take });
      jump(p, keep);
      p.place(take);
      planSet(p, descriptor, ownGroup, answer);
      p.place(keep);
    },
    planGive: (child) => {
      const keep = p.label("leave the terminal");
      ask(keep);
      jumpIf(p, [foreground, "!=", ownGroup], keep);
      planSet(p, descriptor, child, answer);
      p.place(keep);
    },
  };
}

function planFind(
  p: ProgramBuilder,
  {
    descriptor,
    ownGroup,
    answer,
  }: { descriptor: Slot; ownGroup: Slot; answer: Data },
): void {
  const found = p.label("found");
  p.call("getpgid", [0], { result: ownGroup });
  for (const candidate of [0, 1, 2]) {
    const next = p.label("next descriptor");
    set(p, descriptor, candidate);
    p.call("ioctl", [candidate, named("TIOC", TIOC, "GPGRP"), answer], {
      failure: next,
    });
    jump(p, found);
    p.place(next);
  }
  set(p, descriptor, -1);
  p.place(found);
}

function planSet(
  p: ProgramBuilder,
  descriptor: Slot,
  group: Operand,
  buffer: Data,
): void {
  store(p, 4, [addressOf(buffer), 0], group);
  p.call("ioctl", [descriptor, named("TIOC", TIOC, "SPGRP"), buffer], {
    failure: "continue",
  });
}

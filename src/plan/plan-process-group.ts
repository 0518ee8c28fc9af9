/**
 * Job control, the launcher's and the child's part. Measured with bash and dash:
 * an interactive shell wants a group of its own in the foreground; in a
 * pipeline or script the terminal's signals must reach all of the group; without
 * a terminal a shared group would let `kill(0, …)` inside reach the caller.
 * credentials(7), tty_ioctl(4).
 */

import { close, openFile } from "../../syscalls/calls/files.ts";
import { named, WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { TIOC } from "../../syscalls/constants/terminal.table.ts";
import { jumpIf, load, set, when } from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { GROUP } from "./process-group.ts";
import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { planLastWord } from "./plan-last-word.ts";
import { subordinateIds } from "./plan-id-helpers.ts";
import { GO } from "./starter/go.ts";

const STANDARD_DESCRIPTORS = [0, 1, 2] as const;

export interface ProcessGroup {
  /** One of GROUP, after the launcher's steps. */
  readonly kind: Slot;
  /**
   * The child's steps, once its signals are the caller's: to ignore one forgets
   * it, and a caller that posix_spawn(3) has started ignores that of the word.
   * `own` is its id in its own namespace: 1 if it is the first there.
   */
  planChild(own?: Operand): void;
  /**
   * The launcher gives the terminal to the child's group, which it joins until
   * the supervisor's relay is there in its place: whatever the terminal sends
   * reaches one of them. Then the command may begin.
   */
  planBegin(child: Slot): void;
  /** The launcher takes the terminal back from a child that failed. */
  planReturn(): void;
}

/** The launcher's steps. */
export function planProcessGroup(instance: Instance): ProcessGroup {
  const { p } = instance;
  const beside = subordinateIds(instance) !== null;
  const kind = p.slot("process group");
  const group = p.slot("own group");
  planDecision(p, { kind, group });
  const setForeground = (number: Slot) => {
    const value = p.buffer("group", 4);
    p.control("store4", [addressOf(value), 0, number]);
    const request = named("TIOC", TIOC, "SPGRP");
    p.call("ioctl", [0, request, value], { failure: "continue" });
  };
  return {
    kind,
    planChild: (own = 1) =>
      p.part("take a process group", () => {
        when(p, [kind, "!=", GROUP.shared], () => p.call("setpgid", [0, 0]));
        // The others begin at once.
        const begin = () => void p.call("kill", [own, GO]);
        if (beside) begin();
        else when(p, [kind, "!=", GROUP.foreground], begin);
      }),
    planBegin: (child) =>
      when(p, [kind, "==", GROUP.foreground], () => {
        // A child that plays beside the launcher has not made it yet, and begins
        // by itself: it waits for its ids, and so for this.
        if (beside) p.call("setpgid", [child, child], { failure: "continue" });
        p.call("setpgid", [0, child], { failure: "continue" });
        setForeground(child);
        if (!beside) planWord(p, child);
      }),
    planReturn: () =>
      when(p, [kind, "==", GROUP.foreground], () => {
        p.call("setpgid", [0, 0], { failure: "continue" });
        setForeground(group);
      }),
  };
}

/** Who has the terminal decides the kind of the group. */
function planDecision(
  p: ProgramBuilder,
  { kind, group }: { kind: Slot; group: Slot },
): void {
  const id = p.slot("own id");
  const decided = p.label("group is decided");
  p.part("see who has the terminal", () => {
    const terminal = p.slot("controlling terminal");
    const answer = p.buffer("foreground group", 4);
    const foreground = p.slot("foreground group's id");
    set(p, kind, GROUP.own);
    const how = union(O.RDONLY, O.NOCTTY);
    openFile(p, [WORKING_DIRECTORY, p.text("/dev/tty")], how, {
      result: terminal,
      failure: decided,
    });
    close(p, terminal);
    set(p, kind, GROUP.shared);
    p.call("getpgid", [0], { result: group });
    p.call("getpid", [], { result: id });
    jumpIf(p, [group, "!=", id], decided);
    for (const descriptor of STANDARD_DESCRIPTORS) {
      const question = named("TIOC", TIOC, "GPGRP");
      p.call("ioctl", [descriptor, question, answer], { failure: decided });
    }
    load(p, foreground, 4, [addressOf(answer), 0]);
    jumpIf(p, [foreground, "!=", group], decided);
    set(p, kind, GROUP.foreground);
    p.place(decided);
  });
}

/** Lets the command begin; a child that would wait for ever ends with the launcher. */
function planWord(p: ProgramBuilder, child: Slot): void {
  const [held, begun] = [p.label("held"), p.label("begun")];
  p.call("kill", [child, GO], { failure: held });
  p.control("jump", [begun]);
  p.place(held);
  planLastWord(p, "Cannot let the command begin: the kernel refuses it");
  p.place(begun);
}

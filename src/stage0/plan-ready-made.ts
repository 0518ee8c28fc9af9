/**
 * Plays a ready-made launch where the table says what the line asks for and
 * nothing about the process or the host is in doubt, and goes on as its
 * supervisor. In every other case Bun starts and decides; it also finds out why a
 * launch has failed. Bun comes in here itself, at `resume`, with an order that it
 * has read from a line which stage 0 did not understand.
 *
 * Security model: nothing here decides about access. The launch is the one that
 * Bun would have planned, and it gives up root for good before it ends. Root is
 * used only in the initial user namespace, and only if the file's setuid bit or
 * the caller itself has it.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import {
  readCapabilities,
  setAllUsers,
} from "../../syscalls/calls/identity.ts";
import { POLL } from "../../syscalls/constants/poll.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Program, Slot } from "../../syscalls/program.ts";
import { CAP_USER_DATA, POLLFD } from "../../syscalls/structs.ts";
import { whether } from "../plan/order.ts";
import type { Truth } from "../plan/order.ts";
import type { Launch } from "../plan/plan-instance.ts";
import { READY_NAMES } from "../plan/plan-any-instance.ts";
import type { ReadyName } from "../plan/plan-any-instance.ts";
import { planMountListing } from "../plan/plan-mount-listing.ts";
import { handedOver, READY_STATE_ADDRESS } from "./handover.ts";
import { ordered } from "./order-table.ts";
import { planInitialNamespace } from "./plan-initial-namespace.ts";
import type { LineQuestions } from "./plan-line.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { ReadyLaunch, ReadyMade } from "./ready-made.ts";
import { NO_REPORTS } from "./supervise-word.ts";

/** Goes to `running`, with the instance's slots set, or on to the next step. */
export function planReadyMade(
  p: ProgramBuilder,
  { launches }: ReadyMade,
  {
    questions,
    ...way
  }: {
    questions: LineQuestions;
    instance: RunningInstance;
    running: Label;
  },
): void {
  const [no, resume] = [p.label("Bun decides"), p.label("Bun has an order")];
  const labels = Object.fromEntries(
    READY_NAMES.map((name) => [name, p.label(`${name} launch`)]),
  ) as Record<ReadyName, Label>;
  p.faultsTo(no, () => {
    p.part("see whether there is an order", () => {
      store(p, 8, [handedOver("resume"), 0], resume);
      planQuestions(p, questions, no);
      p.place(resume);
    });
    p.part("see whether the kernel lists mounts", () =>
      planMountListing(p, no),
    );
    p.part("see whose privilege there is", () => planWay(p, labels, no));
    for (const name of READY_NAMES)
      p.part("play the ready-made launch", () => {
        const asked = p.slot("an init is asked for");
        p.place(labels[name]);
        load(p, asked, 8, [ordered("init"), 0]);
        const init = name === "rootBuild" || asked;
        planPlay(p, launches[name], { ...way, no, init });
      });
  });
  p.part("leave it to Bun", () => {
    const byBun = p.slot("Bun plays");
    p.place(no);
    load(p, byBun, 8, [handedOver("byBun"), 0]);
    when(p, [byBun, "!=", 0], () => p.control("stop", [0]));
  });
}

/** Who has which privilege decides the way; whoever is root in the middle of doubt is Bun's. */
function planWay(
  p: ProgramBuilder,
  labels: Readonly<Record<ReadyName, Label>>,
  no: Label,
): void {
  const [uid, saved] = [p.slot("uid"), p.slot("saved uid")];
  const [rootless, writable] = [p.slot("rootless"), p.slot("writable")];
  const isRoot = p.label("root itself");
  load(p, uid, 4, [handedOver("uid"), 0]);
  load(p, saved, 4, [handedOver("savedUid"), 0]);
  load(p, rootless, 8, [ordered("rootless"), 0]);
  jumpIf(p, [uid, "==", 0], isRoot);
  jumpIf(p, [uid, "==", saved], labels.rootless);
  when(p, [rootless, "!=", 0], () => {
    setAllUsers(p, uid);
    jump(p, labels.rootless);
  });
  planInitialNamespace(p, "user", no);
  jump(p, labels.setuid);
  p.place(isRoot);
  jumpIf(p, [rootless, "!=", 0], no);
  planAdministration(p, no);
  planInitialNamespace(p, "user", no);
  load(p, writable, 8, [ordered("writable"), 0]);
  jumpIf(p, [writable, "!=", 0], labels.rootBuild);
  jump(p, labels.root);
}

/** The line is understood, and what it needs is there. */
function planQuestions(
  p: ProgramBuilder,
  { here }: LineQuestions,
  no: Label,
): void {
  const [understood, byte] = [p.slot("ordered"), p.slot("first byte")];
  const [size, directory] = [p.slot("size of its path"), p.slot("directory")];
  load(p, understood, 8, [handedOver("ordered"), 0]);
  jumpIf(p, [understood, "==", 0], no);
  load(p, directory, 8, [handedOver("directory"), 0]);
  jumpIf(p, [directory, "<", 0], no);
  // What is mounted at its own path needs one, and it cannot be the root's.
  when(p, [here, "!=", 0], () => {
    load(p, size, 8, [handedOver("directoryPathSize"), 0]);
    jumpIf(p, [size, "<", "/x\0".length], no);
    load(p, byte, 1, [handedOver("directoryPath"), 0]);
    jumpIf(p, [byte, "!=", shown(0x2f, "'/'")], no);
  });
  planKept(p, no);
}

/** What is to be kept has been handed over. */
function planKept(p: ProgramBuilder, no: Label): void {
  const [at, end, count] = [p.slot("at"), p.slot("end"), p.slot("count")];
  const [descriptor, events] = [p.slot("descriptor"), p.slot("events")];
  load(p, at, 8, [ordered("kept"), 0]);
  load(p, end, 8, [ordered("keptEnd"), 0]);
  load(p, count, 8, [handedOver("descriptorCount"), 0]);
  loop(p, "descriptors", (leave) => {
    const known = p.label("was looked at");
    jumpIf(p, [at, "==", end], leave);
    load(p, descriptor, 8, [at, 0]);
    jumpIf(p, [descriptor, "below", count], known);
    jump(p, no);
    p.place(known);
    compute(p, descriptor, [descriptor, "<<", Math.log2(POLLFD.size)]);
    compute(p, descriptor, [descriptor, "+", POLLFD.fields.revents.offset]);
    load(p, events, 2, [handedOver("descriptors"), descriptor]);
    compute(p, events, [events, "&", POLL.NVAL]);
    jumpIf(p, [events, "!=", 0], no);
    compute(p, at, [at, "+", 8]);
  });
}

/** Whether the effective set has CAP_SYS_ADMIN. */
function planAdministration(p: ProgramBuilder, no: Label): void {
  const effective = p.slot("effective capabilities");
  const sets = readCapabilities(p, "capabilities");
  loadField(p, effective, [CAP_USER_DATA, "effective"], sets);
  compute(p, effective, [
    effective,
    "&",
    shown(2 ** CAP.SYS_ADMIN, "CAP_SYS_ADMIN"),
  ]);
  jumpIf(p, [effective, "==", 0], no);
}

/** Goes to `running`, or to `no` if the launch's command does not run. */
export function planPlay(
  p: ProgramBuilder,
  ready: ReadyLaunch<
    Omit<Launch, "starter" | "subroutines"> & { readonly program: Program }
  >,
  {
    instance,
    running,
    no,
    init,
  }: {
    instance: RunningInstance;
    running: Label;
    no: Label;
    /** Whether there is an init that goes on reporting. */
    init: Truth;
  },
): void {
  const { launch } = ready;
  const [stopped, value] = [p.slot("stopped"), p.slot("outcome")];
  p.control("copy", [
    shown(READY_STATE_ADDRESS, "&state"),
    ready.stateImage,
    ready.stateImageSize,
  ]);
  store(p, 8, [handedOver("readyMade"), 0], ready.program);
  p.control("perform", [ready.program, shown(READY_STATE_ADDRESS, "&state")], {
    result: stopped,
  });
  const read = (slot: Slot | "faultRecord", to: Slot) =>
    load(p, to, 8, [ready.address(slot), 0]);
  read("faultRecord", value);
  jumpIf(p, [value, "!=", 0], no);
  read(launch.child, instance.child);
  jumpIf(p, [instance.child, "<", 1], no);
  for (const failure of [launch.gaveUp, launch.failed]) {
    read(failure, value);
    jumpIf(p, [value, "!=", 0], no);
  }
  read(launch.ready, value);
  jumpIf(p, [value, "==", 0], no);
  read(launch.group, instance.group);
  set(p, instance.reports, shown(NO_REPORTS, "no reports"));
  const { reports } = launch;
  if (reports !== null) whether(p, init, () => read(reports, instance.reports));
  jump(p, running);
}

/**
 * The spawner: a process of a few kilobytes that makes one instance after
 * another, by the Program of a launch, for a process that asks for many: so the
 * asker sleeps in no launch, none of its own state changes, and the memory of an
 * instance's first process is counted from that of a small one.
 *
 * Security model: it has its caller's rights and no more, and belongs to nobody
 * but who started it. When that process has ended, in whatever way, its end of
 * the socket is closed: the spawner kills its instance, even one that has given
 * up its own death signal, and ends. If the spawner is killed, the kernel sends
 * the instance that signal.
 */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { closeRange } from "../../../syscalls/calls/files.ts";
import { setDumpable } from "../../../syscalls/calls/identity.ts";
import { mapFile, mapZeros } from "../../../syscalls/calls/memory.ts";
import { flag, named } from "../../../syscalls/calls/operands.ts";
import { exitProcess } from "../../../syscalls/calls/processes.ts";
import {
  makeParcel,
  placeInParcel,
  receiveParcel,
  unpackDescriptor,
} from "../../../syscalls/calls/sockets.ts";
import { LAST_DESCRIPTOR, O } from "../../../syscalls/constants/open.table.ts";
import { PR } from "../../../syscalls/constants/prctl.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  set,
  store,
  when,
} from "../../../syscalls/control.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Label, Program, Slot } from "../../../syscalls/program.ts";
import { handedOver, MEMORY_ADDRESS } from "../../stage0/handover.ts";
import { planMoment } from "./plan-moment.ts";
import { HOLDS_NONE, planWatch } from "./plan-watch.ts";
import {
  ASK,
  ASK_KIND,
  BEGUN,
  ENDED,
  MOST_KEPT,
  PLAN_ADDRESS,
  PLAN_SIZE,
  PROGRAM_STATE_ADDRESS,
  SHARED_SIZE,
  SPAWNER_DESCRIPTOR,
  SPAWNER_NAME,
  START_DESCRIPTORS,
  STATE_COPY_OFFSET,
  ticket,
  TURN,
  UMASK_AS_IT_IS,
} from "./spawner-memory.ts";

const STATE = shown(PROGRAM_STATE_ADDRESS, "&state of the launch");
const STATE_COPY = shown(MEMORY_ADDRESS + STATE_COPY_OFFSET, "&copy of it");
const LAST = shown(LAST_DESCRIPTOR, "~0");
const { socket, nothing, turns, shared, plan } = SPAWNER_DESCRIPTOR;
/** The last number of its own while it works. */
const LAST_OWN = turns;
/** While an instance runs: the descriptor of its init's reports, and the first of others. */
const REPORTS = LAST_OWN + 1;
const NO_REPORTS = -1;
/** As eventfd(2) counts. */
const ONE_TURN = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);

/** What a spawner keeps from step to step. */
interface Spawner {
  readonly p: ProgramBuilder;
  /** What it was asked: one of ASK_KIND. */
  readonly kind: Slot;
  /** The id of its instance's pid 1. */
  readonly child: Slot;
  /** REPORTS or NO_REPORTS. */
  readonly reports: Slot;
  /** The descriptor of its mount namespace, or HOLDS_NONE. */
  readonly mounts: Slot;
  /** Where it ends. */
  readonly end: Label;
}

/** Plans its Program, which is the same for every launch. */
export function planSpawner(): Program {
  const p = new ProgramBuilder();
  const end = p.label("the asker has gone");
  const failed = p.label("a step of the spawner has failed");
  const [child, reports] = [p.slot("child"), p.slot("init's reports")];
  const mounts = p.slot("instance's mounts");
  const kind = p.slot("kind");
  const spawner: Spawner = { p, kind, child, reports, mounts, end };
  p.faultsTo(failed, () => {
    planBeginning(p);
    const again = p.label("the next instance");
    p.place(again);
    planAsk(spawner, again);
    planLaunch(spawner);
    planBegun(spawner);
    planWatch(p, spawner);
    planReturn(p);
    p.part("say that all has ended", () => {
      planMoment(p, "ended");
      const word = p.text(ENDED);
      p.call("write", [socket, word, ENDED.length], { failure: end });
      when(p, [mounts, "!=", HOLDS_NONE], () =>
        p.call("close", [mounts], { failure: "continue" }),
      );
      jump(p, again);
    });
  });
  p.part("end", () => {
    p.place(end);
    exitProcess(p, 0);
    p.place(failed);
    exitProcess(p, 124);
  });
  return p.finish();
}

function planBeginning(p: ProgramBuilder): void {
  p.part("become a spawner", () => {
    const name = named("PR", PR, "SET_NAME");
    p.call("prctl", [name, p.text(SPAWNER_NAME), 0, 0, 0]);
    const at = shown(MEMORY_ADDRESS, "&handover");
    mapFile(p, [at, SHARED_SIZE], { file: shared, writable: true });
    const constants = shown(PLAN_ADDRESS, "&launch");
    mapFile(p, [constants, PLAN_SIZE], { file: plan, writable: false });
    closeRange(p, [LAST_OWN + 1, LAST]);
  });
}

/** Waits for the next start, and puts its descriptors where they belong. */
function planAsk({ p, kind, end }: Spawner, again: Label): void {
  p.part("wait for the next start", () => {
    const count = START_DESCRIPTORS + MOST_KEPT;
    const parcel = makeParcel(p, { size: ASK.size, count });
    const size = p.slot("size");
    receiveParcel(p, socket, parcel, { result: size, failure: end });
    jumpIf(p, [size, "!=", ASK.size], end);
    loadField(p, kind, [ASK, "kind"], parcel.content);
    // A signal for an instance that has ended meanwhile.
    jumpIf(p, [kind, "==", ASK_KIND.signal], again);
    const [descriptor, directory] = [p.slot("given"), p.slot("directory")];
    const [arrived, whole] = [p.slot("what has arrived"), p.slot("all")];
    load(p, arrived, 8, [parcel.control, 0]);
    load(p, whole, 8, [ticket("arrival"), 0]);
    jumpIf(p, [arrived, "!=", whole], end);
    for (let number = 0; number < START_DESCRIPTORS - 1; number++) {
      unpackDescriptor(p, parcel, [number, descriptor]);
      p.call("dup3", [descriptor, number, 0]);
    }
    unpackDescriptor(p, parcel, [START_DESCRIPTORS - 1, directory]);
    store(p, 8, [handedOver("directory"), 0], directory);
    const others = placeInParcel(parcel, START_DESCRIPTORS);
    p.control("copy", [ticket("kept"), others, 4 * MOST_KEPT]);
  });
}

function planLaunch({ p, child, reports }: Spawner): void {
  const [program, size] = [p.slot("launch"), p.slot("size of its state")];
  const [image, imageSize] = [p.slot("first state"), p.slot("its size")];
  const umask = p.slot("umask");
  p.part("make the instance", () => {
    load(p, umask, 8, [ticket("umask"), 0]);
    when(p, [umask, "!=", UMASK_AS_IT_IS], () => p.call("umask", [umask]));
    load(p, program, 8, [ticket("program"), 0]);
    load(p, size, 8, [ticket("stateSize"), 0]);
    load(p, image, 8, [ticket("image"), 0]);
    load(p, imageSize, 8, [ticket("imageSize"), 0]);
    mapZeros(p, [STATE, size]);
    p.control("copy", [STATE, image, imageSize]);
    planMoment(p, "began");
    p.control("perform", [program, STATE], { result: p.slot("played") });
    planMoment(p, "launched");
    p.control("copy", [STATE_COPY, STATE, imageSize]);
    const at = p.slot("address of the child's id");
    load(p, at, 8, [ticket("child"), 0]);
    load(p, child, 8, [at, 0]);
  });
  p.part("let go of what is the instance's", () => {
    // As before the launch: ps knows it by its executable.
    setDumpable(p, true);
    for (let number = 0; number < START_DESCRIPTORS - 1; number++)
      p.call("dup3", [nothing, number, 0]);
    const [at, first] = [p.slot("address"), p.slot("first of the others")];
    set(p, reports, NO_REPORTS);
    set(p, first, LAST_OWN + 1);
    load(p, at, 8, [ticket("reports"), 0]);
    when(p, [at, "!=", 0], () => {
      const own = p.label("there is no pipe");
      load(p, at, 8, [at, 0]);
      const mark = flag("O", O.CLOEXEC);
      // It fails where it has the number already.
      p.call("dup3", [at, REPORTS, mark], { failure: "continue" });
      jumpIf(p, [child, "<", 1], own);
      set(p, reports, REPORTS);
      compute(p, first, [first, "+", 1]);
      p.place(own);
    });
    closeRange(p, [first, LAST]);
  });
}

/** Gives its turn to whoever waits for one. */
function planReturn(p: ProgramBuilder): void {
  const turn = p.slot("turn");
  p.part("give the turn back", () => {
    load(p, turn, 8, [ticket("turn"), 0]);
    when(p, [turn, "==", TURN.taken], () => {
      p.call("write", [turns, p.constant("{1}", ONE_TURN), ONE_TURN.length]);
      store(p, 8, [ticket("turn"), 0], TURN.needed);
    });
  });
}

/** Says that the command has begun, or that there is none. */
function planBegun({ p, kind, end }: Spawner): void {
  p.part("say that the command has begun", () =>
    when(p, [kind, "==", ASK_KIND.startAndSay], () =>
      p.call("write", [socket, p.text(BEGUN), BEGUN.length], { failure: end }),
    ),
  );
}

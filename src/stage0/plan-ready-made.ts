/**
 * Plays a ready-made launch where the line is a plain one and nothing about the
 * process or the host is in doubt, and goes on as its supervisor. In every other
 * case Bun starts and decides; it also finds out why a launch has failed.
 *
 * Security model: nothing here decides about access. The launch is the one that
 * Bun would have made, and it gives up root for good before it ends. Root is
 * used only in the initial user namespace, and only if the file's setuid bit or
 * the caller itself has it.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  CAP,
  CAPABILITY_VERSION_3,
} from "../../syscalls/constants/capabilities.table.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { encodeStruct } from "../../syscalls/struct.ts";
import { CAP_USER_DATA, CAP_USER_HEADER } from "../../syscalls/structs.ts";
import { INITIAL_USER_NAMESPACE } from "../plan/facts.ts";
import { planMountListing } from "../plan/plan-mount-listing.ts";
import { FORM, handedOver, READY_STATE_ADDRESS } from "./handover.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { ReadyLaunch, ReadyMade, ReadyName } from "./ready-made.ts";
import { NO_REPORTS } from "./supervise-word.ts";

/** Goes to `running`, with the instance's slots set, or on to the next step. */
export function planReadyMade(
  p: ProgramBuilder,
  { launches }: ReadyMade,
  {
    instance,
    running,
  }: {
    instance: RunningInstance;
    running: Label;
  },
): void {
  const no = p.label("Bun decides");
  const start = (name: ReadyName) => ({
    name,
    label: p.label(`${name} launch`),
  });
  const [rootless, setuid, root] = [
    start("rootless"),
    start("setuid"),
    start("root"),
  ];
  p.faultsTo(no, () => {
    planForm(p, no);
    p.part("see whether the kernel lists mounts", () =>
      planMountListing(p, no),
    );
    p.part("see whose privilege there is", () => {
      const [uid, saved] = [p.slot("uid"), p.slot("saved uid")];
      load(p, uid, 4, [handedOver("uid"), 0]);
      load(p, saved, 4, [handedOver("savedUid"), 0]);
      const isRoot = p.label("root itself");
      jumpIf(p, [uid, "==", 0], isRoot);
      jumpIf(p, [uid, "==", saved], rootless.label);
      planInitialNamespace(p, no);
      jump(p, setuid.label);
      p.place(isRoot);
      planAdministration(p, no);
      planInitialNamespace(p, no);
      jump(p, root.label);
    });
    for (const { name, label } of [rootless, setuid, root])
      p.part("play the ready-made launch", () => {
        const [here, form] = [p.label("here"), p.slot("form")];
        p.place(label);
        load(p, form, 8, [handedOver("form"), 0]);
        jumpIf(p, [form, "==", FORM.here], here);
        planPlay(p, launches.plain[name], { instance, running, no });
        p.place(here);
        planPlay(p, launches.here[name], { instance, running, no });
      });
  });
  p.place(no);
}

/** The line has a form, and what it needs is there. */
function planForm(p: ProgramBuilder, no: Label): void {
  const plain = p.slot("form");
  p.part("see whether its launch is ready-made", () => {
    load(p, plain, 8, [handedOver("form"), 0]);
    jumpIf(p, [plain, "==", 0], no);
    // What is mounted at its own path needs one, and it cannot be the root's.
    const [size, byte] = [p.slot("size of its path"), p.slot("first byte")];
    when(p, [plain, "==", FORM.here], () => {
      load(p, size, 8, [handedOver("directoryPathSize"), 0]);
      jumpIf(p, [size, "<", "/x\0".length], no);
      load(p, byte, 1, [handedOver("directoryPath"), 0]);
      jumpIf(p, [byte, "!=", shown(0x2f, "'/'")], no);
    });
  });
}

/** Whether the effective set has CAP_SYS_ADMIN. */
function planAdministration(p: ProgramBuilder, no: Label): void {
  const version = { version: CAPABILITY_VERSION_3 };
  const header = p.buffer(
    "capability header",
    encodeStruct(CAP_USER_HEADER, version),
  );
  const sets = p.buffer("capabilities", CAP_USER_DATA.size);
  const effective = p.slot("effective capabilities");
  p.call("capget", [header, sets]);
  loadField(p, effective, [CAP_USER_DATA, "effective"], sets);
  compute(p, effective, [
    effective,
    "&",
    shown(2 ** CAP.SYS_ADMIN, "CAP_SYS_ADMIN"),
  ]);
  jumpIf(p, [effective, "==", 0], no);
}

function planInitialNamespace(p: ProgramBuilder, no: Label): void {
  const name = p.buffer("user namespace", 64);
  const [size, word] = [p.slot("name's length"), p.slot("name's word")];
  p.call(
    "readlinkat",
    [WORKING_DIRECTORY, p.text("/proc/self/ns/user"), name, name.size],
    { result: size },
  );
  jumpIf(p, [size, "!=", INITIAL_USER_NAMESPACE.length], no);
  const expected = Buffer.from(INITIAL_USER_NAMESPACE.padEnd(24, "\0"));
  for (let at = 0; at < expected.length; at += 8) {
    load(p, word, 8, [addressOf(name), at]);
    const value = expected.readBigUInt64LE(at);
    jumpIf(
      p,
      [word, "!=", shown(value, `${INITIAL_USER_NAMESPACE} + ${at}`)],
      no,
    );
  }
}

/** Goes to `running`, or to `no` if the launch's command does not run. */
export function planPlay(
  p: ProgramBuilder,
  ready: ReadyLaunch,
  {
    instance,
    running,
    no,
  }: {
    instance: RunningInstance;
    running: Label;
    no: Label;
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
  if (launch.reports !== null) read(launch.reports, instance.reports);
  else set(p, instance.reports, shown(NO_REPORTS, "no reports"));
  jump(p, running);
}

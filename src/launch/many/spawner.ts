/** One spawner from our side: how it is started, asked, and reaped. */

import { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  makeParcel,
  packDescriptor,
  sendParcel,
} from "../../../syscalls/calls/sockets.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { P, WAIT } from "../../../syscalls/constants/wait.table.ts";
import { load } from "../../../syscalls/control.ts";
import { errnoName, errnoText } from "../../../syscalls/errno.table.ts";
import { mapShared, prepare } from "../../../syscalls/ffi.ts";
import type { Run } from "../../../syscalls/ffi.ts";
import { union } from "../../../syscalls/flags.ts";
import { addressOf } from "../../../syscalls/program.ts";
import { SIGINFO } from "../../../syscalls/structs.ts";
import { launchError } from "../../plan/shortage.ts";
import { planSpawnerStart } from "../../plan/spawner/plan-spawner-start.ts";
import type { SpawnerGiven } from "../../plan/spawner/plan-spawner-start.ts";
import {
  ASK,
  ASK_KIND,
  SHARED_SIZE,
} from "../../plan/spawner/spawner-memory.ts";
import { defineCall } from "../define-call.ts";
import { SharedMemory } from "./shared-memory.ts";
import type { EncodedLaunch, Manner } from "./shared-memory.ts";

/** A running one. */
export interface Spawner {
  readonly process: number;
  /** Readable when its instance has ended, or it has. */
  readonly socket: number;
  readonly memory: SharedMemory;
  /** Gives our memory of it back. */
  readonly unmap: () => void;
}

/** Standard input, output and error, the caller's directory, and what the command keeps. */
export type StartDescriptors = readonly [
  number,
  number,
  number,
  number,
  ...number[],
];

const closeDescriptor = defineCall("close", ["number"]);
const lookAt = defineCall("waitid", [
  "number",
  "number",
  { buffer: SIGINFO.size },
  "number",
  "number",
]);
const sendKill = defineCall("kill", ["number", "number"]);
const sendSignal = defineCall("write", [
  "number",
  { buffer: ASK.size },
  "number",
]);
const readWord = defineCall("read", ["number", { buffer: 1 }, "number"]);

/** What a spawner is started with, and what is in its memory. */
export interface SpawnerNeeds extends SpawnerGiven, Manner {
  readonly encoded: EncodedLaunch;
}

/** Starts one. Throws a SelfdockError that says which step has failed. */
export function startSpawner(needs: SpawnerNeeds): Spawner {
  const { program, ...slots } = planSpawnerStart(needs);
  const run = prepare(program);
  run.play();
  const [process, socket, shared] = [
    run.read(slots.process),
    run.read(slots.socket),
    run.read(slots.shared),
  ];
  const fault = run.fault();
  run.free();
  if (fault === null) {
    const mapping = mapShared(shared, SHARED_SIZE);
    closeDescriptor(shared);
    const memory = new SharedMemory(mapping.bytes, needs.encoded, needs);
    return { process, socket, memory, unmap: mapping.unmap };
  }
  for (const descriptor of [socket, shared])
    if (descriptor > 0) closeDescriptor(descriptor);
  if (process > 0) reap(process);
  const { step, errno } = fault;
  throw launchError(
    errno,
    `Cannot ${step.part.action}: ${errnoText(errno)} (${step.operation}: ${errnoName(errno)})`,
  );
}

/** Lets it end, with its instance: it does so as soon as nobody holds its socket. It is to be reaped. */
export function dismissSpawner({ socket, unmap }: Spawner): void {
  closeDescriptor(socket);
  unmap();
}

/** Whether it has not ended yet; one that has is reaped. */
export function isThere({ process }: Spawner): boolean {
  const how = union(WAIT.EXITED, WAIT.NOHANG);
  const [info] = lookAt.buffers;
  info!.fill(0);
  if (lookAt(P.PID, process, how, 0) < 0) return false;
  const { offset } = SIGINFO.fields.pid;
  return (
    new DataView(info!.buffer, info!.byteOffset).getUint32(offset, true) === 0
  );
}

/** Its instance ends with it. */
export function killSpawner({ process }: Spawner): void {
  sendKill(process, SIGNAL.KILL);
}

/** Waits until it has ended. */
function reap(process: number): void {
  lookAt(P.PID, process, WAIT.EXITED, 0);
}

/** Whether it has said that its instance has ended: false if the spawner itself has. */
export function takeWord({ socket }: Spawner): boolean {
  return readWord(socket, 1) === 1;
}

/** Sends a signal to pid 1 of its instance; nothing if there is none any more. */
export function askToSignal({ socket }: Spawner, signal: number): void {
  const [bytes] = sendSignal.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  view.setUint32(ASK.fields.kind.offset, ASK_KIND.signal, true);
  view.setUint32(ASK.fields.signal.offset, signal, true);
  sendSignal(socket, ASK.size);
}

type Sender = (
  socket: number,
  kind: number,
  descriptors: StartDescriptors,
) => number;

/** By how many descriptors they send. */
const senders = new Map<number, Sender>();

/** Asks for an instance with what its memory says: 0 or more, or a negated errno. */
export function askToStart(
  { socket }: Spawner,
  kind: "start" | "startAndSay",
  descriptors: StartDescriptors,
): number {
  const count = descriptors.length;
  const sender = senders.get(count) ?? makeSender(count);
  senders.set(count, sender);
  return sender(socket, ASK_KIND[kind], descriptors);
}

function makeSender(count: number): Sender {
  const p = new ProgramBuilder();
  const numbers = p.buffer("numbers", 4 * (1 + count));
  const parcel = makeParcel(p, { size: ASK.size, count });
  const [socket, descriptor] = [p.slot("socket"), p.slot("descriptor")];
  const result = p.slot("result");
  p.part("ask a spawner for an instance", () => {
    load(p, socket, 4, [addressOf(numbers), 0]);
    for (let index = 0; index < count; index++) {
      load(p, descriptor, 4, [addressOf(numbers), 4 * (index + 1)]);
      packDescriptor(p, parcel, [index, descriptor]);
    }
    sendParcel(p, socket, parcel, { result, failure: "continue" });
    p.control("stop", [result]);
  });
  const run: Run = prepare(p.finish());
  const content = run.view(parcel.content);
  const ask = new DataView(content.buffer, content.byteOffset);
  const bytes = run.view(numbers);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return (to, kind, descriptors) => {
    ask.setUint32(ASK.fields.kind.offset, kind, true);
    view.setInt32(0, to, true);
    descriptors.forEach((each, index) =>
      view.setInt32(4 * (index + 1), each, true),
    );
    return run.play();
  };
}

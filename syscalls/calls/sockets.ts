/** Descriptors that travel from process to process: unix(7), cmsg(3). */

import type { CallOptions, ProgramBuilder } from "../builder.ts";
import { AF, MSG, SCM, SOCK, SOL } from "../constants/network.table.ts";
import { load, store } from "../control.ts";
import { union } from "../flags.ts";
import { addressOf } from "../program.ts";
import type { Data, Operand, Slot } from "../program.ts";
import { encodeStruct } from "../struct.ts";
import { CMSGHDR, IOVEC, MSGHDR } from "../structs.ts";
import { flag, named } from "./operands.ts";

const INT = 4;
const ALIGNMENT = 8;

/** A message of a fixed size with a fixed number of descriptors. */
export interface Parcel {
  /** The message's bytes. */
  readonly content: Data;
  /** What the calls take. */
  readonly message: Data;
  /** The struct cmsghdr, and the descriptors behind it. */
  readonly control: Data;
  readonly count: number;
}

/** Two connected sockets that keep messages apart. socketpair(2). */
export function makeSocketPair(
  p: ProgramBuilder,
  [one, other]: readonly [Slot, Slot],
): void {
  const ends = p.buffer("ends of the socket", 2 * INT);
  const kind = flag("SOCK", union(SOCK.SEQPACKET, SOCK.CLOEXEC));
  p.call("socketpair", [named("AF", AF, "UNIX"), kind, 0, ends]);
  load(p, one, INT, [addressOf(ends), 0]);
  load(p, other, INT, [addressOf(ends), INT]);
}

/** Room for a message of `size` bytes and so many descriptors. */
export function makeParcel(
  p: ProgramBuilder,
  { size, count }: { size: number; count: number },
): Parcel {
  const content = p.buffer("content", size);
  const used = controlLength(count);
  const head = encodeStruct(CMSGHDR, {
    len: used,
    level: SOL.SOCKET,
    type: SCM.RIGHTS,
  });
  const bytes = new Uint8Array(Math.ceil(used / ALIGNMENT) * ALIGNMENT);
  bytes.set(head);
  const control = p.buffer("descriptors of the message", bytes);
  const vector = p.buffer("{content}", encodeStruct(IOVEC, { len: size }), [
    { at: IOVEC.fields.base.offset, to: content },
  ]);
  const message = p.buffer(
    "message",
    encodeStruct(MSGHDR, { iovlen: 1, controllen: control.size }),
    [
      { at: MSGHDR.fields.iov.offset, to: vector },
      { at: MSGHDR.fields.control.offset, to: control },
    ],
  );
  return { content, message, control, count };
}

/** The address of the n-th descriptor. */
export function placeInParcel({ control }: Parcel, index: number) {
  return addressOf(control, CMSGHDR.size + INT * index);
}

/** Puts a descriptor in. */
export function packDescriptor(
  p: ProgramBuilder,
  parcel: Parcel,
  [index, descriptor]: readonly [number, Operand],
): void {
  store(p, INT, [placeInParcel(parcel, index), 0], descriptor);
}

/** Takes a descriptor out. */
export function unpackDescriptor(
  p: ProgramBuilder,
  parcel: Parcel,
  [index, descriptor]: readonly [number, Slot],
): void {
  load(p, descriptor, INT, [placeInParcel(parcel, index), 0]);
}

/** sendmsg(2), which never waits and sends no signal. */
export function sendParcel(
  p: ProgramBuilder,
  socket: Operand,
  { message }: Parcel,
  options: CallOptions,
): void {
  const how = flag("MSG", union(MSG.NOSIGNAL, MSG.DONTWAIT));
  p.call("sendmsg", [socket, message, how], options);
}

/** recvmsg(2): its result is the size of the message, 0 if the other end is closed. */
export function receiveParcel(
  p: ProgramBuilder,
  socket: Operand,
  { message, control }: Parcel,
  options: CallOptions,
): void {
  const size = MSGHDR.fields.controllen.offset;
  store(p, 8, [addressOf(message), size], control.size);
  // What did not come leaves no descriptor of an earlier message behind.
  store(p, 8, [addressOf(control), CMSGHDR.fields.len.offset], 0);
  const how = flag("MSG", MSG.CMSG_CLOEXEC);
  p.call("recvmsg", [socket, message, how], options);
}

/** The length of a message of so many descriptors, as its header says it. */
export function controlLength(count: number): number {
  return CMSGHDR.size + INT * count;
}

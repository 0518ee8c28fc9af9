/**
 * Lays a Program out in memory: constant parts (records and data) from one
 * address on, the state (fault words, slots, buffers) from another. Both areas
 * are the caller's; addresses are absolute.
 */

import { SYSCALL } from "./arch/x86_64/numbers.table.ts";
import type { SyscallName } from "./arch/x86_64/numbers.table.ts";
import {
  CONTROL,
  CONTROL_BIT,
  FLAG_CONTINUE,
  FLAG_FAULT,
  RECORD,
  STATE,
} from "./record.ts";
import { nameOf } from "./program.ts";
import type { Address, Data, Operand, Program, Slot, Step } from "./program.ts";

/** Where everything of a Program goes: offsets in bytes within its two areas. */
export interface Layout {
  readonly program: Program;
  /** Offsets of the constant data within the constant area, behind the records. */
  readonly constants: ReadonlyMap<Data, number>;
  /** Offsets of the buffers within the state, behind the slots. */
  readonly buffers: ReadonlyMap<Data, number>;
  /** Sizes of the two areas in bytes. */
  readonly constantSize: number;
  readonly stateSize: number;
}

/** The absolute addresses of the two areas. */
export interface Bases {
  readonly constant: number;
  readonly state: number;
}

const ALIGNMENT = 16;
const DISCARDED = 0;
const CONTROL_NUMBER = new Map<string, number>(
  CONTROL.map((name, index) => [name, index]),
);

/** Decides where everything goes. */
export function layOut(program: Program): Layout {
  const constants = new Map<Data, number>();
  const buffers = new Map<Data, number>();
  let constantSize = program.steps.length * RECORD.size;
  let stateSize = STATE.size + 8 * program.slots.length;
  // Buffers with a first content come first: what is zero needs no place in a file.
  for (const data of program.data.toSorted(byContent)) {
    if (data.writable) {
      stateSize = align(stateSize);
      buffers.set(data, stateSize);
      stateSize += data.size;
    } else {
      constantSize = align(constantSize);
      constants.set(data, constantSize);
      constantSize += data.size;
    }
  }
  return {
    program,
    constants,
    buffers,
    constantSize: align(constantSize),
    stateSize: align(stateSize),
  };
}

function byContent(a: Data, b: Data): number {
  return Number(a.bytes.length === 0) - Number(b.bytes.length === 0);
}

/** The offset of a slot or buffer within the state. */
export function stateOffset(layout: Layout, of: Slot | Data): number {
  if (of.kind === "slot") return STATE.size + 8 * of.index;
  const offset = layout.buffers.get(of);
  if (offset === undefined)
    throw new RangeError(`${nameOf(of.name)} is no buffer of this Program`);
  return offset;
}

/** Writes both areas; they must be zero before and of the layout's sizes. */
export function encode(
  layout: Layout,
  bases: Bases,
  into: { constant: Uint8Array; state: Uint8Array },
): void {
  const { program } = layout;
  const records = new Uint32Array(
    into.constant.buffer,
    into.constant.byteOffset,
    (program.steps.length * RECORD.size) / 4,
  );
  program.steps.forEach((step, index) => {
    writeRecord(records, (index * RECORD.size) / 4, step, (operand) =>
      valueOf(layout, bases, operand),
    );
  });
  for (const [areas, area] of [
    [layout.constants, into.constant],
    [layout.buffers, into.state],
  ] as const) {
    for (const [data, offset] of areas) {
      area.set(data.bytes, offset);
      const view = new DataView(
        area.buffer,
        area.byteOffset + offset,
        data.size,
      );
      for (const { at, to } of data.pointers)
        view.setBigUint64(at, BigInt(valueOf(layout, bases, to)), true);
    }
  }
}

function writeRecord(
  records: Uint32Array,
  at: number,
  step: Step,
  value: (operand: Operand) => number | bigint,
): void {
  let flags = 0;
  step.operands.forEach((operand, index) => {
    if (typeof operand === "object" && operand.kind === "slot")
      flags |= 1 << index;
    write64(records, at + RECORD.argument / 4 + 2 * index, value(operand));
  });
  if (step.failure === "continue") flags |= 1 << FLAG_CONTINUE;
  if (step.failure === "fault") flags |= 1 << FLAG_FAULT;
  records[at + RECORD.operation / 4] = operationNumber(step);
  records[at + RECORD.flags / 4] = flags;
  write64(
    records,
    at + RECORD.result / 4,
    value(step.result ?? { kind: "slot", name: "", index: DISCARDED }),
  );
  if (step.target !== null)
    write64(records, at + RECORD.target / 4, value(step.target));
}

function operationNumber(step: Step): number {
  return step.isCall
    ? SYSCALL[step.operation as SyscallName]
    : CONTROL_BIT + CONTROL_NUMBER.get(step.operation)!;
}

/** The number that stands for an operand: itself, or an address. */
function valueOf(
  layout: Layout,
  bases: Bases,
  operand: Operand,
): number | bigint {
  if (typeof operand !== "object") return operand;
  switch (operand.kind) {
    case "shown":
      return operand.value;
    case "label":
      return bases.constant + layout.program.labels.get(operand)! * RECORD.size;
    case "slot":
    case "data":
      return addressIn(layout, bases, {
        kind: "address",
        of: operand,
        offset: 0,
      });
    case "address":
      return addressIn(layout, bases, operand);
  }
}

function addressIn(
  layout: Layout,
  bases: Bases,
  { of, offset }: Address,
): number {
  if (of.kind === "data" && !of.writable)
    return bases.constant + layout.constants.get(of)! + offset;
  return bases.state + stateOffset(layout, of) + offset;
}

/** Two's complement for negative numbers; numbers are exact up to 2^53. */
function write64(words: Uint32Array, at: number, value: number | bigint): void {
  const number =
    typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : value;
  if (typeof value === "bigint" && !Number.isSafeInteger(number)) {
    words[at] = Number(value & 0xffffffffn);
    words[at + 1] = Number((value >> 32n) & 0xffffffffn);
    return;
  }
  words[at] = number >>> 0;
  words[at + 1] = Math.floor(number / 2 ** 32) >>> 0;
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

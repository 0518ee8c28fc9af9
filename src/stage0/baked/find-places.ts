/** Where the records are in what a baked file is unpacked to, and where they point: so they take few bytes. */

import {
  IMAGE_ADDRESS as STARTER_IMAGE,
  IMAGE_OFFSET as STARTER_OFFSET,
  STATE_ADDRESS as STARTER_STATE,
  STACK_ADDRESS as STARTER_MEMORY,
} from "../../../syscalls/elf-writer.ts";
import type { Plan, Span } from "../../../syscalls/pack/pack.ts";
import { layOut } from "../../../syscalls/encode.ts";
import type { Data, Operand, Program } from "../../../syscalls/program.ts";
import { RECORD, STATE } from "../../../syscalls/record.ts";
import { EMBEDDED_OFFSET } from "../../../syscalls/standalone.ts";
import type { Embedded } from "../../../syscalls/standalone.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import {
  planStarter,
  starterExecutable,
} from "../../plan/starter/starter-executable.ts";
import {
  MEMORY_ADDRESS,
  READY_STATE_ADDRESS,
  STATE_ADDRESS,
} from "../handover.ts";
import { IMAGE_ADDRESS } from "./packed-file.ts";
import type { Frame } from "./plan-baked.ts";

/** What is unpacked, and when. */
export interface Places {
  /** In the order in which they stand there. */
  readonly spans: Readonly<
    Record<"launch" | "starter" | "frame" | "rest", Span>
  >;
  /** Constants that only the frame's rest points at. */
  readonly lateBytes: Plan["lateBytes"];
}

/** The launch is embedded, and the starter's file is a constant of it. */
export function findPlaces(
  { launch, frame }: { launch: Launch; frame: Frame },
  { bytes }: Embedded,
): Places {
  const { program, starter: kind } = launch;
  const starter = planStarter(kind);
  const file = Buffer.from(bytes).indexOf(starterExecutable(kind));
  const own = [MEMORY_ADDRESS, READY_STATE_ADDRESS];
  const whole = spanOf(frame.program, {
    at: bytes.length,
    address: IMAGE_ADDRESS + bytes.length,
    state: STATE_ADDRESS,
    others: [...own, IMAGE_ADDRESS],
  });
  const spans = {
    launch: spanOf(program, {
      at: 0,
      address: IMAGE_ADDRESS,
      state: READY_STATE_ADDRESS,
      others: own,
    }),
    starter: spanOf(starter, {
      at: file + STARTER_OFFSET + EMBEDDED_OFFSET,
      address: STARTER_IMAGE + EMBEDDED_OFFSET,
      state: STARTER_STATE,
      others: [STARTER_MEMORY],
    }),
    frame: { ...whole, count: frame.rest },
    rest: {
      ...whole,
      at: whole.at + frame.rest * RECORD.size,
      count: whole.count - frame.rest,
      address: whole.address + frame.rest * RECORD.size,
      late: true,
    },
  };
  const { constants, constantSize } = layOut(frame.program);
  const soon = [...wantedBefore(frame)].map(
    (data) => (constants.get(data) ?? 0) + data.size,
  );
  const lateBytes = {
    at: bytes.length + Math.max(...soon),
    end: bytes.length + constantSize,
  };
  return { spans, lateBytes };
}

/** The constants that are wanted before the rest is. */
function wantedBefore({ program, rest }: Frame): ReadonlySet<Data> {
  const wanted = new Set<Data>();
  const add = (operand: Operand) => {
    if (typeof operand !== "object") return;
    const of = operand.kind === "address" ? operand.of : operand;
    if (of.kind !== "data" || wanted.has(of)) return;
    if (!of.writable) wanted.add(of);
    for (const { to } of of.pointers) add(to);
  };
  for (const { operands } of program.steps.slice(0, rest))
    operands.forEach(add);
  for (const data of program.data) if (data.writable) add(data);
  return wanted;
}

function spanOf(
  { steps, slots }: Program,
  {
    at,
    address,
    state,
    others,
  }: { at: number; address: number; state: number; others: readonly number[] },
): Span {
  const first = state + STATE.size;
  const places = [
    ...others,
    first + 8 * slots.length,
    address + steps.length * RECORD.size,
  ].toSorted((a, b) => a - b);
  const count = steps.length;
  return { at, count, late: false, address, slots: first, places };
}

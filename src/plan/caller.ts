/**
 * The caller's state as stage 0 left it (src/stage0/handover.ts), read by the
 * Program's first steps: so the Program of a request is the same for everybody.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { compute, load, set } from "../../syscalls/control.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import { handedOver } from "../stage0/handover.ts";
import type { Bytes } from "./bytes.ts";
import type { Command } from "./order.ts";
import { planDecimal } from "./plan-decimal.ts";
import type { Decimal } from "./plan-decimal.ts";

/** Slots that stay as they are; what has no slot stays in the handover. */
export interface CallerState {
  readonly uid: Slot;
  readonly gid: Slot;
  readonly uidText: Decimal;
  readonly gidText: Decimal;
  /** The address of the array of pointers that begins with the command. */
  readonly command: Slot;
  /** The address of the environment's array of pointers. */
  readonly environment: Slot;
  /** A descriptor of the working directory, or negative if it cannot be opened. */
  readonly directory: Slot;
}

export function planCaller(p: ProgramBuilder, command: Command): CallerState {
  const [uid, gid] = [p.slot("caller's uid"), p.slot("caller's gid")];
  const [stack, count] = [p.slot("stack"), p.slot("argc")];
  const own = p.slot("command's arguments");
  const environment = p.slot("caller's environment");
  const directory = p.slot("caller's directory");
  return p.part("read what stage 0 kept of the caller", () => {
    load(p, uid, 4, [handedOver("uid"), 0]);
    load(p, gid, 4, [handedOver("gid"), 0]);
    const uidText = planDecimal(p, uid);
    const gidText = planDecimal(p, gid);
    load(p, directory, 8, [handedOver("directory"), 0]);
    load(p, stack, 8, [handedOver("stack"), 0]);
    load(p, count, 8, [stack, 0]);
    if ("index" in command)
      compute(p, own, [stack, "+", 8 * (command.index + 1)]);
    else set(p, own, command.vector);
    compute(p, environment, [count, "<<", 3]);
    compute(p, environment, [environment, "+", stack]);
    compute(p, environment, [environment, "+", 16]);
    return { uid, gid, uidText, gidText, command: own, environment, directory };
  });
}

/** The array of pointers for words that are not the caller's. */
export function planWords(p: ProgramBuilder, words: readonly Bytes[]): Operand {
  const pointers = words.map((word, at) => ({ at: 8 * at, to: p.text(word) }));
  const bytes = new Uint8Array(8 * (words.length + 1));
  return p.constant("{command}", bytes, pointers);
}

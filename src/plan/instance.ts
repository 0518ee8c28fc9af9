/** What the rooms of the plan share while one Program is written. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import type { Data, Slot } from "../../syscalls/program.ts";
import type { CallerState } from "./caller.ts";
import type { Facts } from "./facts.ts";
import type { Order } from "./order.ts";
import type { Proc } from "./request.ts";
import type { Scratch } from "./scratch.ts";

export interface Instance {
  readonly p: ProgramBuilder;
  readonly order: Order;
  /** `--as-root` */
  readonly asRoot: boolean;
  /** The capabilities that the command keeps. */
  readonly capabilities: readonly number[];
  readonly facts: Facts;
  readonly caller: CallerState;
  /** Something is named from the caller's directory, as far as that is known. */
  readonly usesDirectory: boolean;
  /** What is at /proc. */
  readonly proc: Proc;
  /** What `--scratch` lays over the root, or null. */
  readonly scratch: Scratch | null;
  /** The instance's root directory, once it is there. */
  readonly root: Slot;
  /** The caller's umask: ours is 0 while things are made. */
  readonly umask: Slot;
  /** Where statx answers go. */
  readonly stat: Data;
}

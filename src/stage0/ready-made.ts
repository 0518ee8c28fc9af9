/**
 * Ready-made launches: the Programs of every line whose order fits the table,
 * one for each way to start it, encoded when the artifact is built. The planner
 * that writes them is the one that writes those of single requests.
 */

import { encode, layOut, stateOffset } from "../../syscalls/encode.ts";
import type { Layout } from "../../syscalls/encode.ts";
import { shown } from "../../syscalls/program.ts";
import type { Shown, Slot } from "../../syscalls/program.ts";
import { STATE } from "../../syscalls/record.ts";
import { EMBEDDED_OFFSET } from "../../syscalls/standalone.ts";
import type { Embedded } from "../../syscalls/standalone.ts";
import { planAnyInstance } from "../plan/plan-any-instance.ts";
import type { AnyLaunch, ReadyName } from "../plan/plan-any-instance.ts";
import type { Launch } from "../plan/plan-instance.ts";
import { READY_STATE_ADDRESS, STAGE0_ADDRESS } from "./handover.ts";

/** One launch, and the absolute addresses of its first record and of its state's first content. */
export interface ReadyLaunch<L = Launch> {
  readonly launch: L;
  readonly program: Shown;
  readonly stateImage: Shown;
  readonly stateImageSize: number;
  /** The address of a slot of it, or of a word that says which record failed, and how. */
  address(of: Slot | "faultRecord" | "faultResult"): Shown;
}

export interface ReadyMade {
  readonly launches: Readonly<Record<ReadyName, ReadyLaunch<AnyLaunch>>>;
  readonly embedded: Embedded;
}

/** Plans and encodes them all. */
export function makeReady(): ReadyMade {
  const pieces: Uint8Array[] = [];
  let end = STAGE0_ADDRESS + EMBEDDED_OFFSET;
  let memoryEnd = READY_STATE_ADDRESS;
  const make = (name: ReadyName): ReadyLaunch<AnyLaunch> => {
    const launch = planAnyInstance(name);
    const { ready, embedded } = encodeReady(launch, end, name);
    pieces.push(embedded.bytes);
    end += embedded.bytes.length;
    memoryEnd = Math.max(memoryEnd, embedded.memoryEnd);
    return ready;
  };
  const launches = {
    rootless: make("rootless"),
    setuid: make("setuid"),
    root: make("root"),
    rootBuild: make("rootBuild"),
  };
  return { launches, embedded: { bytes: Buffer.concat(pieces), memoryEnd } };
}

/** Encodes one for its address, where the image will hold its bytes. */
export function encodeReady<L extends Pick<Launch, "program">>(
  launch: L,
  at: number,
  name: string,
): { readonly ready: ReadyLaunch<L>; readonly embedded: Embedded } {
  const layout = layOut(launch.program);
  const { bytes, stateImageSize } = encodeAt(layout, at);
  const ready = {
    launch,
    program: shown(at, `${name} launch`),
    stateImage: shown(at + layout.constantSize, `its first state`),
    stateImageSize,
    address: (of: Slot | "faultRecord" | "faultResult") =>
      typeof of === "object"
        ? shown(READY_STATE_ADDRESS + stateOffset(layout, of), `&${of.name}`)
        : shown(READY_STATE_ADDRESS + STATE[of], `&${of}`),
  };
  const memoryEnd = READY_STATE_ADDRESS + layout.stateSize;
  return { ready, embedded: { bytes, memoryEnd } };
}

/** Constants at `address`, the state's first content behind them, to whole lines of the cache. */
function encodeAt(
  layout: Layout,
  address: number,
): { bytes: Uint8Array; stateImageSize: number } {
  const state = new Uint8Array(layout.stateSize);
  const constant = new Uint8Array(layout.constantSize);
  encode(
    layout,
    { constant: address, state: READY_STATE_ADDRESS },
    { constant, state },
  );
  const stateImageSize = state.findLastIndex((byte) => byte !== 0) + 1;
  const size = layout.constantSize + stateImageSize;
  const bytes = new Uint8Array(Math.ceil(size / 64) * 64);
  bytes.set(constant);
  bytes.set(state.subarray(0, stateImageSize), layout.constantSize);
  return { bytes, stateImageSize };
}

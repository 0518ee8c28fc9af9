/**
 * Ready-made launches: the Programs of the commonest lines (FORM), encoded when
 * the artifact is built, so that stage 0 can play one and Bun never starts.
 * They are what the planner plans for any other line; only which argument the
 * command is they learn from the handover.
 */

import { encode, layOut, stateOffset } from "../../syscalls/encode.ts";
import type { Layout } from "../../syscalls/encode.ts";
import { shown } from "../../syscalls/program.ts";
import type { Shown, Slot } from "../../syscalls/program.ts";
import { STATE } from "../../syscalls/record.ts";
import { EMBEDDED_OFFSET } from "../../syscalls/standalone.ts";
import type { Embedded } from "../../syscalls/standalone.ts";
import type { Facts } from "../plan/facts.ts";
import { planInstance } from "../plan/plan-instance.ts";
import type { Launch } from "../plan/plan-instance.ts";
import type { Request } from "../plan/request.ts";
import type { Bytes } from "../plan/bytes.ts";
import { READY_STATE_ADDRESS, STAGE0_ADDRESS } from "./handover.ts";
import type { FormName } from "./handover.ts";

/** Who starts it: anybody without privilege, an ordinary user with root as the saved id, or root. */
export type ReadyName = "rootless" | "setuid" | "root";

/** One launch, and the absolute addresses of its first record and of its state's first content. */
export interface ReadyLaunch {
  readonly launch: Launch;
  readonly program: Shown;
  readonly stateImage: Shown;
  readonly stateImageSize: number;
  /** The address of a slot of it, or of a word that says which record failed, and how. */
  address(of: Slot | "faultRecord" | "faultResult"): Shown;
}

export type ReadyLaunches = Readonly<Record<ReadyName, ReadyLaunch>>;

export interface ReadyMade {
  readonly launches: Readonly<Record<FormName, ReadyLaunches>>;
  readonly embedded: Embedded;
}

/** Plans and encodes them all; given is the request of a line of each form. */
export function makeReady(
  requests: Readonly<Record<FormName, Request>>,
): ReadyMade {
  const pieces: Uint8Array[] = [];
  let end = STAGE0_ADDRESS + EMBEDDED_OFFSET;
  let memoryEnd = READY_STATE_ADDRESS;
  const make = (form: FormName, name: ReadyName): ReadyLaunch => {
    const launch = planInstance(requests[form], readyFacts(name));
    const { ready, embedded } = encodeReady(launch, end, `${form} ${name}`);
    pieces.push(embedded.bytes);
    end += embedded.bytes.length;
    memoryEnd = Math.max(memoryEnd, embedded.memoryEnd);
    return ready;
  };
  const makeAll = (form: FormName): ReadyLaunches => ({
    rootless: make(form, "rootless"),
    setuid: make(form, "setuid"),
    root: make(form, "root"),
  });
  return {
    launches: { plain: makeAll("plain"), here: makeAll("here") },
    embedded: { bytes: Buffer.concat(pieces), memoryEnd },
  };
}

/** Encodes one for its address, where the image will hold its bytes. */
export function encodeReady(
  launch: Launch,
  at: number,
  name: string,
): { readonly ready: ReadyLaunch; readonly embedded: Embedded } {
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

/** What the planner is told; none of the numbers stands in the Program. */
function readyFacts(name: ReadyName): Facts {
  return {
    mode: name === "rootless" ? "rootless" : "privileged",
    caller: {
      anybody: false,
      uid: name === "root" ? 0 : 1,
      gid: 1,
      commandIndex: null,
      environment: [],
      variableAddress: () => 0,
      directory: "/caller's directory" as Bytes,
    },
    covered: null,
    spawned: false,
    subordinate: null,
  };
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

/**
 * Signals that pid 1 blocked when they came. If it lets one in that it does not
 * handle, the kernel drops it, as it drops every such signal of a pid 1; an
 * ordinary process would get the default action. Shells, and whatever starts
 * processes by posix_spawn(3), block every signal for moments. So a signal that
 * was sent to us is held for a moment, until it is clear what pid 1 does with
 * it; and one that is pending in pid 1 is watched for as long as it is.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  callSubroutine,
  compute,
  jump,
  jumpIf,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { TIMESPEC } from "../../syscalls/structs.ts";
import { KNOWN } from "./plan-known-signal.ts";
import type { KnownSignal } from "./plan-known-signal.ts";
import { planSignalSets } from "./plan-signal-sets.ts";
import type { SignalSets } from "./plan-signal-sets.ts";
import type { ProcessFiles } from "./plan-process-files.ts";

/** Nanoseconds until the first look, and between two when nothing happens; each is twice the last. */
const SHORTEST = 1_000_000;
const LONGEST = 64 * SHORTEST;
/** From when on a signal is no longer held, but sent to be watched. */
const HELD = 64 * SHORTEST;

export interface WatchedSignals {
  /** The address of how long to wait for the next signal, or 0 for ever. */
  readonly timeout: Slot;
  planBegin(): void;
  /** Takes over a signal that pid 1 blocks: it is pending there if the terminal made it. */
  planAdd(signal: Slot, made: Slot): void;
  /** Looks again: goes on at `lost`, with `signal`, if pid 1 would not take one that it has let in. */
  planLook(signal: Slot, lost: Label): void;
}

interface Watch {
  readonly p: ProgramBuilder;
  readonly known: KnownSignal;
  readonly child: Slot;
  readonly files: ProcessFiles;
  readonly sets: SignalSets;
  /** Signals that are not sent yet, and those that are pending in pid 1. */
  readonly held: Slot;
  readonly watched: Slot;
  readonly patience: Slot;
  readonly bit: Slot;
}

export function planWatchedSignals(
  p: ProgramBuilder,
  options: Pick<Watch, "known" | "child" | "files" | "sets">,
): WatchedSignals {
  const w: Watch = {
    p,
    ...options,
    held: p.slot("held signals"),
    watched: p.slot("watched signals"),
    patience: p.slot("patience"),
    bit: p.slot("signal's bit"),
  };
  const { held, watched, patience, bit } = w;
  const timeout = p.slot("timeout");
  const time = p.buffer("time to wait", TIMESPEC.size);
  const any = p.slot("held or watched");
  const wait = () => {
    store(p, 8, [addressOf(time), TIMESPEC.fields.nsec.offset], patience);
    set(p, timeout, addressOf(time));
  };
  return {
    timeout,
    planBegin: () => {
      set(p, held, 0);
      set(p, watched, 0);
    },
    planAdd: (signal, made) => {
      compute(p, bit, [signal, "-", 1]);
      compute(p, bit, [1, "<<", bit]);
      when(
        p,
        [made, "==", 0],
        () => compute(p, held, [held, "|", bit]),
        () => compute(p, watched, [watched, "|", bit]),
      );
      set(p, patience, SHORTEST);
    },
    planLook: (signal, lost) => {
      set(p, timeout, 0);
      const nothing = p.label("nothing to look at");
      compute(p, any, [held, "|", watched]);
      jumpIf(p, [any, "==", 0], nothing);
      planHeld(w, signal, lost);
      planPending(w, signal, lost);
      compute(p, any, [held, "|", watched]);
      jumpIf(p, [any, "==", 0], nothing);
      wait();
      when(p, [patience, "below", LONGEST], () =>
        compute(p, patience, [patience, "<<", 1]),
      );
      p.place(nothing);
    },
  };
}

/** Sends what pid 1 takes by now, or has blocked for long. */
function planHeld(w: Watch, signal: Slot, lost: Label): void {
  const { p, known, child, held, watched, patience, bit } = w;
  const left = p.slot("held signals left");
  set(p, left, held);
  planEach(w, [left, signal], () => {
    const [send, next] = [p.label("send"), p.label("next signal")];
    set(p, known.signal, signal);
    callSubroutine(p, known.ask);
    compute(p, bit, [signal, "-", 1]);
    compute(p, bit, [1, "<<", bit]);
    jumpIf(p, [known.known, "==", KNOWN.yes], send);
    when(p, [known.known, "==", KNOWN.no], () => {
      compute(p, held, [held, "-", bit]);
      jump(p, lost);
    });
    jumpIf(p, [patience, "below", HELD], next);
    compute(p, watched, [watched, "|", bit]);
    p.place(send);
    compute(p, held, [held, "-", bit]);
    p.call("kill", [child, signal], { failure: "continue" });
    p.place(next);
  });
}

/** Looks for what is no longer pending: was it taken, or dropped? */
function planPending(w: Watch, signal: Slot, lost: Label): void {
  const { p, known, files, sets, held, watched } = w;
  const [gone, ended] = [p.label("pid 1 is gone"), p.label("looked")];
  const taken = p.slot("not pending any more");
  planSignalSets(p, { files, sets, gone });
  compute(p, taken, [watched, "&", sets.pending]);
  compute(p, taken, [watched, "-", taken]);
  compute(p, watched, [watched, "-", taken]);
  planEach(w, [taken, signal], () => {
    set(p, known.signal, signal);
    callSubroutine(p, known.ask);
    jumpIf(p, [known.known, "==", KNOWN.no], lost);
  });
  jump(p, ended);
  p.place(gone);
  set(p, held, 0);
  set(p, watched, 0);
  p.place(ended);
}

/** Performs `body` with each signal of the set, which it uses up. */
function planEach(
  { p, bit }: Watch,
  [signals, signal]: readonly [Slot, Slot],
  body: () => void,
): void {
  set(p, signal, 0);
  loop(p, "signals of a set", (leave) => {
    jumpIf(p, [signals, "==", 0], leave);
    compute(p, signal, [signal, "+", 1]);
    compute(p, bit, [signals, "&", 1]);
    compute(p, signals, [signals, ">>", 1]);
    when(p, [bit, "!=", 0], body);
  });
}

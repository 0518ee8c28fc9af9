/** Signals as something to be read: signalfd(2). They are blocked, so that they wait for it. */

import { O } from "../../../syscalls/constants/open.table.ts";
import { SIGNAL } from "../../../syscalls/constants/signals.table.ts";
import { union } from "../../../syscalls/flags.ts";
import { defineCall } from "../define-call.ts";
import { bitOf, keptSignals } from "../kept-signals.ts";
import { needed, readChunk } from "./descriptor-calls.ts";

/** What others send to end a program, and by their default action do: people, timers, a limit. */
const REQUESTS = [
  SIGNAL.HUP,
  SIGNAL.INT,
  SIGNAL.QUIT,
  SIGNAL.TERM,
  SIGNAL.USR1,
  SIGNAL.USR2,
  SIGNAL.ALRM,
  SIGNAL.VTALRM,
  SIGNAL.PROF,
  SIGNAL.XCPU,
] as const;

/** A descriptor for requests to end and to stop; those that the caller ignores or blocks never come. Throws a SelfdockError if there can be none. */
export function openSignals(): number {
  const open = defineCall("signalfd4", [
    "number",
    { buffer: 8 },
    "number",
    "number",
  ]);
  const deaf = keptSignals("ignoredSignals") | keptSignals("blockedSignals");
  const asked = [...REQUESTS, SIGNAL.TSTP].reduce(
    (mask, signal) => mask | bitOf(signal),
    0n,
  );
  const [bytes] = open.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  view.setBigUint64(0, asked & ~deaf, true);
  const opened = open(-1, 8, union(O.CLOEXEC, O.NONBLOCK));
  return needed(opened, "wait for signals");
}

/** The next one: `ssi_signo` comes first. 0: there is none. */
export function takeSignal(descriptor: number): number {
  const read = readChunk(descriptor);
  if (typeof read === "number" || read.length === 0) return 0;
  return new DataView(read.buffer, read.byteOffset).getUint32(0, true);
}

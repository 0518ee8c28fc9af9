/**
 * What the first process of an instance would do with a signal: the kernel drops
 * one that it neither blocks, ignores nor handles, where others would die of it.
 * pid_namespaces(7), proc(5). Decides about no access: whoever asks may kill it.
 */

import { readFileSync } from "node:fs";
import { SIGNAL } from "../../syscalls/constants/signals.table.ts";
import { INIT_NAME } from "../plan/starter/words.ts";

/** Signals that end nobody by default, and those that no process can refuse. */
const HARMLESS: ReadonlySet<number> = new Set([
  SIGNAL.CHLD,
  SIGNAL.CONT,
  SIGNAL.URG,
  SIGNAL.WINCH,
  SIGNAL.KILL,
  SIGNAL.STOP,
  SIGNAL.TSTP,
  SIGNAL.TTIN,
  SIGNAL.TTOU,
]);

/** It takes every signal; what sigtimedwait(2) waits for is not shown as blocked meanwhile. */
const INIT = new RegExp(`^Name:\\t${INIT_NAME}$`, "m");

/** `dropped`: it would have ended another process. */
export function probeSignal(pid: number, signal: number): "taken" | "dropped" {
  if (HARMLESS.has(signal)) return "taken";
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    if (INIT.test(status)) return "taken";
    const known = ["SigBlk", "SigIgn", "SigCgt"].some((name) => {
      const mask = new RegExp(`^${name}:\\t([0-9a-f]+)$`, "m").exec(
        status,
      )?.[1];
      return mask !== undefined && hasSignal(mask, signal);
    });
    return known ? "taken" : "dropped";
  } catch {
    return "taken"; // it is gone
  }
}

function hasSignal(mask: string, signal: number): boolean {
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

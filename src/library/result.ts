/** What a program learns of a command that has ended. */

import type { Output, Signal } from "../selfdock.d.ts";

/** Linux's, in the order of their numbers from 1 on. */
const NAMES = [
  "HUP",
  "INT",
  "QUIT",
  "ILL",
  "TRAP",
  "ABRT",
  "BUS",
  "FPE",
  "KILL",
  "USR1",
  "SEGV",
  "USR2",
  "PIPE",
  "ALRM",
  "TERM",
  "STKFLT",
  "CHLD",
  "CONT",
  "STOP",
  "TSTP",
  "TTIN",
  "TTOU",
  "URG",
  "XCPU",
  "XFSZ",
  "VTALRM",
  "PROF",
  "WINCH",
  "IO",
  "PWR",
  "SYS",
] as const;

/** What a command has written. */
export class WrittenOutput implements Output {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  text(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes);
  }

  lines(): string[] {
    const lines = this.text().split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines;
  }
}

/** The signal that nothing withstands. */
export const SIGKILL = 9;

/** The name of a signal; a real-time signal has a number only. */
export function nameSignal(number: number): Signal | number {
  const name = NAMES[number - 1];
  return name === undefined ? number : `SIG${name}`;
}

/** The number of a signal that is given by either; null if there is no such signal. */
export function numberSignal(signal: Signal | number): number | null {
  const number =
    typeof signal === "number"
      ? signal
      : NAMES.findIndex((name) => `SIG${name}` === signal) + 1;
  return Number.isInteger(number) && number >= 1 && number <= 64
    ? number
    : null;
}

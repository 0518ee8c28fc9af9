/**
 * What came of a launch in which something was broken. There are two good ends:
 * *closed* (no instance, one message, status 124, or 126 and 127 where it was
 * the execution) and *whole* (an instance like any other). All else is a breach.
 */

import type { Result } from "../harness/run.ts";
import { withoutAsides } from "./as-root.ts";
import { takeMark, type Kind } from "./kinds.ts";

export type Outcome =
  | { readonly end: "closed"; readonly message: string }
  /** The command had begun, and was ended; the message says why. */
  | { readonly end: "cut short"; readonly message: string }
  | { readonly end: "whole" }
  /** An instance that is not like the others: what differs, line by line. */
  | { readonly end: "changed"; readonly lines: readonly string[] }
  | { readonly end: "breach"; readonly why: string };

const ERROR = /^selfdock: (Cannot [^\n]*)\n(?:selfdock: hint: [^\n]*\n)?$/;

/** `whole` is the report of an instance of this kind in which nothing was broken. */
export function judge(result: Result, kind: Kind, whole: string): Outcome {
  const ran = takeMark(kind.room);
  const { status, signal, stdout } = result;
  const stderr = withoutAsides(result.stderr);
  if (!ran && stdout === "") return judgeClosed({ ...result, stderr });
  const message = ERROR.exec(stderr)?.[1];
  if (status === 124 && message !== undefined)
    return { end: "cut short", message };
  if (status !== 0 || signal !== null || stderr !== "")
    return breach(`it ran and ended with ${status ?? signal}: ${stderr}`);
  if (!ran) return breach(`it ran without its volume: ${stdout}`);
  if (stdout === whole) return { end: "whole" };
  return { end: "changed", lines: difference(whole, stdout) };
}

function judgeClosed({ status, stderr, signal }: Result): Outcome {
  const message = ERROR.exec(stderr)?.[1];
  if (message === undefined)
    return breach(`no message, status ${status ?? signal}: ${stderr}`);
  const isExecution =
    message.startsWith("Cannot execute") &&
    !/\((starter's )?step \d+, /.test(message);
  const wanted = isExecution ? [126, 127] : [124];
  return wanted.includes(status!)
    ? { end: "closed", message }
    : breach(`status ${status} after: ${message}`);
}

function breach(why: string): Outcome {
  return { end: "breach", why };
}

/** `- LINE` for what is missing, `+ LINE` for what is new. */
export function difference(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

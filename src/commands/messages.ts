/**
 * Messages for a person, one line each: `selfdock: Cannot …` and
 * `selfdock: hint: …`. Security: what the user, a file name or another program
 * put into a message cannot break the line or steer the terminal.
 */

import { bytesOf, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";

/** What kind of line it is. */
export type MessageKind = "error" | "warning" | "hint" | "note";

export interface Message {
  readonly kind: MessageKind;
  readonly text: string;
}

/** Controls, line and paragraph separators, and what turns the direction of writing. */
const STEERING =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The text with everything that could move a cursor or break a line as `\xHH`. */
export function escapeText(text: string): string {
  return text.replaceAll(STEERING, (character) =>
    Array.from(
      bytesOf(character),
      (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
    ).join(""),
  );
}

/** What there is to say about an error: an unexpected one is a bug of ours and says so. */
export function renderError(error: unknown): readonly Message[] {
  if (error instanceof SelfdockError) {
    const message = { kind: "error", text: error.message } as const;
    return error.hint === null
      ? [message]
      : [message, { kind: "hint", text: error.hint }];
  }
  const state =
    error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [
    { kind: "error", text: `Cannot go on: ${state}` },
    { kind: "hint", text: "this is a bug in selfdock, please report it" },
  ];
}

const PREFIXES: Readonly<Record<MessageKind, string>> = {
  error: "",
  warning: "warning: ",
  hint: "hint: ",
  note: "",
};
/** Red, yellow, cyan, green. */
const COLOURS: Readonly<Record<MessageKind, number>> = {
  error: 31,
  warning: 33,
  hint: 36,
  note: 32,
};

/** The line of a message, with its line feed. */
export function renderLine({ kind, text }: Message, colour: boolean): string {
  const lead = `selfdock: ${PREFIXES[kind]}`;
  const shown = colour ? `\x1b[${COLOURS[kind]}m${lead}\x1b[39m` : lead;
  return `${shown}${escapeText(text)}\n`;
}

/** The first value of a variable, as getenv finds it. */
function valueOf(environment: readonly Bytes[], name: string): string | null {
  const entry = environment.find((variable) => variable.startsWith(`${name}=`));
  return entry?.slice(name.length + 1) ?? null;
}

/**
 * Are colours wanted? `environment` is the caller's, kept by stage 0
 * (process.env is empty by design). NO_COLOR: any value but the empty one
 * (no-color.org).
 */
export function wantsColour(
  terminal: boolean,
  environment: readonly Bytes[],
): boolean {
  if (!terminal || valueOf(environment, "NO_COLOR")) return false;
  const type = valueOf(environment, "TERM");
  return type !== null && type !== "" && type !== "dumb";
}

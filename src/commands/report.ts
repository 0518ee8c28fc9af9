/**
 * What is said on standard error, by consola with a reporter of our own (the
 * default one takes `process.stdout` as it loads). Loaded only when there is
 * something to say.
 */

import { isatty } from "node:tty";
import {
  createConsola,
  type ConsolaInstance,
  type LogObject,
} from "consola/core";
import type { Bytes } from "../plan/bytes.ts";
import { EXIT_STATUS, SelfdockError } from "../plan/error.ts";
import {
  renderError,
  renderLine,
  wantsColour,
  type MessageKind,
} from "./messages.ts";
import { writeMessage } from "./output.ts";
import { suggest } from "./suggest.ts";

function kindOf(type: LogObject["type"]): MessageKind {
  if (type === "error") return "error";
  if (type === "warn") return "warning";
  return type === "success" ? "note" : "hint";
}

/** A console that writes `selfdock: …` lines: `error`, `warn`, and `info` for hints. */
function makeConsole(environment: readonly Bytes[]): ConsolaInstance {
  const colour = wantsColour(isatty(2), environment);
  return createConsola({
    // Never hold back a message that comes again.
    throttle: 0,
    reporters: [
      {
        log: ({ type, args }) =>
          writeMessage(
            renderLine(
              { kind: kindOf(type), text: args.map(String).join(" ") },
              colour,
            ),
          ),
      },
    ],
  });
}

/**
 * Prints an error with the best hint there is, for the caller's `environment`,
 * and returns the exit status that it stands for.
 */
export function writeError(
  error: unknown,
  environment: readonly Bytes[],
): number {
  const known = error instanceof SelfdockError;
  const console = makeConsole(environment);
  for (const { kind, text } of renderError(known ? suggest(error) : error)) {
    if (kind === "hint") console.info(text);
    else console.error(text);
  }
  return known ? EXIT_STATUS[error.code] : EXIT_STATUS.launch;
}

/** Prints what the user may want to do next. */
export function writeHint(text: string, environment: readonly Bytes[]): void {
  makeConsole(environment).info(text);
}

/** Prints something that the user should know, though all goes on. */
export function writeWarning(
  text: string,
  environment: readonly Bytes[],
): void {
  makeConsole(environment).warn(text);
}

/** Says what was done. */
export function writeNote(text: string, environment: readonly Bytes[]): void {
  makeConsole(environment).success(text);
}

/** Of --as-root; said once, since each chown will fail with no more than EINVAL. */
export function warnOneId(
  missing: string,
  environment: readonly Bytes[],
): void {
  const effect = "only root exists inside, and no file can be given to another";
  writeWarning(`${effect}: ${missing}`, environment);
}

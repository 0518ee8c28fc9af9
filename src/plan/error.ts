/**
 * The one error that selfdock raises on purpose. It is thrown up and printed
 * once, at the top (src/commands); nothing below prints or exits.
 */

/** Why selfdock could not do what was asked: each code has one exit status. */
export type ErrorCode =
  /** The command line is wrong. Exit status 124. */
  | "usage"
  /** The instance could not be made: the kernel or the host said no. Exit status 124. */
  | "launch"
  /** The command was found inside but cannot be executed. Exit status 126. */
  | "not-executable"
  /** The command was not found inside. Exit status 127. */
  | "not-found";

/** The exit status of each kind of error, as `env`, `timeout` and the shells have them. */
export const EXIT_STATUS: Readonly<Record<ErrorCode, 124 | 126 | 127>> = {
  usage: 124,
  launch: 124,
  "not-executable": 126,
  "not-found": 127,
};

/**
 * An error with a message of the form `Cannot ACTION OBJECT: STATE` (sentence
 * case, no full stop, what the user gave in double quotes) and, where there is
 * one, a hint: what to do about it.
 */
export class SelfdockError extends Error {
  override readonly name = "SelfdockError";
  readonly code: ErrorCode;
  readonly hint: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    hint: string | null = null,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }

  /** What the program exits with for it. */
  get exitStatus(): 124 | 126 | 127 {
    return EXIT_STATUS[this.code];
  }
}

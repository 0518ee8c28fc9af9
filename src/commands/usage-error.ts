/**
 * The errors of the command line: a word that selfdock does not know, or a
 * value that an option cannot take.
 */

import { quote, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import type { BriefOption } from "./options.table.ts";

/**
 * A word that is no option, command or topic: the `cause` of its error. What
 * the user may have meant is worked out by `suggest`, which a line without
 * errors need not load.
 */
export class UnknownWord {
  readonly word: Bytes;
  /** The words that could have stood there. */
  readonly candidates: readonly string[];

  constructor(word: Bytes, candidates: readonly string[]) {
    this.word = word;
    this.candidates = candidates;
  }
}

/** An error of the command line. */
export function usageError(message: string, hint: string): SelfdockError {
  return new SelfdockError("usage", message, hint);
}

/** An option with its values, as the help writes it: `--map SRC DST`. */
export function renderOption(option: BriefOption): string {
  const { name, values, forms, optional } = option;
  if (optional !== undefined) return `--${name} [${optional}]`;
  if (forms !== undefined) return `--${name}[=${forms.join("|")}]`;
  return [`--${name}`, ...values].join(" ");
}

/** Those that may be given more than once. */
export function listRepeatable(options: readonly BriefOption[]): string {
  return options
    .filter(({ repeatable }) => repeatable)
    .map(({ name }) => `--${name}`)
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1");
}

/** One value of an option, as the user gave it. */
export interface GivenValue {
  readonly option: BriefOption;
  /** What the value is called, `DST`. */
  readonly called: string;
  readonly value: Bytes;
}

/** `Cannot use "x" as DST of --map: STATE`. */
export function valueError(
  given: GivenValue,
  state: string,
  hint: string = renderOption(given.option),
): SelfdockError {
  return usageError(
    `Cannot use ${quote(given.value)} as ${given.called} of --${given.option.name}: ${state}`,
    hint,
  );
}

/** One option as it is written: its name, and its values behind `=` or in the words after it. */

import { quote, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import type { CommandName } from "./commands.table.ts";
import { dockerHint } from "./docker-hint.ts";
import { BRIEF } from "./brief.ts";
import { isDecimal } from "./is-decimal.ts";
import type { BriefOption } from "./options.table.ts";
import { renderOption, UnknownWord, usageError } from "./usage-error.ts";

/** An option and what it was given. */
export interface ReadOption {
  readonly option: BriefOption;
  /** As many as the option takes. */
  readonly values: readonly Bytes[];
  /** How many words it takes up. */
  readonly length: number;
}

/** The first of those that share a short name is the one before a command. */
function findByWord(word: string): BriefOption | undefined {
  const name = word.startsWith("--") ? word.slice(2) : null;
  const letter = name === null ? word.slice(1) : null;
  if (!word.startsWith("-")) return undefined;
  for (const option of BRIEF)
    if (name === null ? option.short === letter : option.name === name)
      return option;
  return undefined;
}

/** Every word that is one. */
function knownWords(): readonly string[] {
  const words = BRIEF.flatMap(({ name, short }) => [
    `--${name}`,
    ...(short === null ? [] : [`-${short}`]),
  ]);
  return [...new Set(words.toReversed())].toReversed();
}

/** The option that a word means to a command. */
function findOption(
  word: string,
  command: CommandName | null,
): BriefOption | undefined {
  const first = findByWord(word);
  if (first === undefined || command === null || first.short !== word.slice(1))
    return first;
  return (
    BRIEF.find(
      ({ short, commands }: BriefOption) =>
        short === first.short && commands.includes(command),
    ) ?? first
  );
}

function unknownOption(word: Bytes): SelfdockError {
  return new SelfdockError(
    "usage",
    `Cannot use option ${quote(word)}: there is no such option`,
    'selfdock --help lists all options; a COMMAND that begins with "-" stands after "--"',
    new UnknownWord(word, knownWords()),
  );
}

/** `-vfoo` could be a value or three options: it is neither. `-it` is a habit. */
function attachedShort(word: Bytes): SelfdockError {
  const option = findByWord(word.slice(0, 2));
  if (
    option === undefined ||
    (option.values.length === 0 && /^-[a-z]+$/i.test(word)) ||
    findByWord(`-${word}`) !== undefined
  )
    return unknownOption(word);
  return usageError(
    `Cannot use option ${quote(word)}: nothing may be attached to a short option`,
    `short options stand alone: ${[`-${option.short}`, ...option.values].join(" ")}`,
  );
}

/** `-j8`: an option that attaches a number, and that number. */
function readNumbered(
  word: Bytes,
  command: CommandName | null,
): ReadOption | null {
  const option = findOption(word.slice(0, 2), command);
  const number = word.slice(2) as Bytes;
  if (option?.attaches !== true || !isDecimal(number, 9)) return null;
  return { option, values: [number], length: 1 };
}

/** The values behind `=`: one, or two with one colon between them. */
function splitAttached(option: BriefOption, text: Bytes): readonly Bytes[] {
  const { name, values, forms = [], optional } = option;
  if (optional !== undefined) return [text];
  if (values.length === 0) {
    if (forms.includes(text)) return [text];
    const state =
      forms.length === 0
        ? "it takes no value"
        : `there it may be ${forms.join(" or ")}`;
    throw usageError(
      `Cannot use ${quote(text)} with --${name}: ${state}`,
      renderOption(option),
    );
  }
  if (values.length === 1) return [text];
  const parts = text.split(":") as Bytes[];
  if (parts.length === 2) return parts;
  const [state, habit] =
    parts.length < 2
      ? ["it has no colon", dockerHint(name, text)]
      : ["it has more than one colon", null];
  throw usageError(
    `Cannot take ${quote(text)} apart for --${name}: ${state}`,
    habit ??
      `--${name}=${values.join(":")} has exactly one; ${renderOption(option)} takes any`,
  );
}

/**
 * Any word can be the VALUE of a variable. Every other value that begins with
 * a dash is far more often an option whose value was forgotten before it.
 */
function requireValues(option: BriefOption, values: readonly Bytes[]): void {
  for (let at = 0; at < option.values.length; at++) {
    const value = values[at];
    const missing =
      value === undefined ||
      (option.values[at] !== "VALUE" && value.startsWith("-") && value !== "-");
    if (missing) throw missingValue(option, values, at);
  }
}

function missingValue(
  option: BriefOption,
  values: readonly Bytes[],
  at: number,
): SelfdockError {
  const [first, value] = [values[0], values[at]];
  const written = renderOption(option);
  const attached = `--${option.name}=${option.values.join(":")}`;
  const hint =
    at === 1 && first !== undefined ? dockerHint(option.name, first) : null;
  const called = option.values[at] ?? "";
  if (value === undefined) {
    return usageError(
      `Cannot use --${option.name}: ${called} is missing`,
      hint ?? written,
    );
  }
  return usageError(
    `Cannot use --${option.name}: ${called} is missing before ${quote(value)}`,
    hint ?? `${written}; a value that begins with "-" is written ${attached}`,
  );
}

/** Reads the option `word`, which begins with a dash; `next` are the two words after it. */
export function readOption(
  word: Bytes,
  next: readonly Bytes[],
  command: CommandName | null,
): ReadOption {
  const long = word.startsWith("--");
  const equals = long ? word.indexOf("=") : -1;
  const name = equals < 0 ? word : (word.slice(0, equals) as Bytes);
  const option = findOption(name, command);
  if (option === undefined) {
    if (long) throw unknownOption(name);
    const numbered = readNumbered(word, command);
    if (numbered === null) throw attachedShort(word);
    return numbered;
  }
  if (equals >= 0) {
    const values = splitAttached(option, word.slice(equals + 1) as Bytes);
    return { option, values, length: 1 };
  }
  if (option.optional !== undefined && /^[0-9]/.test(next[0] ?? ""))
    return { option, values: next.slice(0, 1), length: 2 };
  const values = next.slice(0, option.values.length);
  requireValues(option, values);
  return { option, values, length: 1 + values.length };
}

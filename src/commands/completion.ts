/**
 * What the completions of every shell are made from: the same tables as the
 * help texts. Commands are those inside the given root, instances those that run.
 *
 * Security: names of files in a root are a stranger's, and none of them may
 * reach a place where the shell expands or evaluates it (`compgen -W` does).
 */

import {
  COMMANDS,
  type CommandName,
  type CommandRow,
} from "./commands.table.ts";
import { GENERATED, GUIDE_NAMES } from "./invocation.ts";
import { OPTIONS, type Option } from "./options.table.ts";

export const ROWS: readonly Option[] = OPTIONS;

/** Where a root keeps its commands. */
export const BINARIES = [
  "usr/local/sbin",
  "usr/local/bin",
  "usr/sbin",
  "usr/bin",
  "sbin",
  "bin",
] as const;

/** What completes a value or an operand; `inside` is below the root. */
export type Kind =
  | "directory"
  | "file"
  | "directory inside"
  | "file inside"
  | "word"
  | "nothing"
  | "command inside"
  /** `run` or `build`, and then what they take. */
  | "launch"
  | "instance"
  | "instance or file"
  /** An instance, then a command in it. */
  | "instance, command"
  | "topic";

export function kindOf({ name }: Option, value: string): Kind {
  if (value === "DIR") return name === "cd" ? "directory inside" : "directory";
  if (value === "SRC" || value === "FILE") return "file";
  if (value === "DST" || value === "PATH") return "file inside";
  return value.includes("|") ? "word" : "nothing";
}

/** The words of a value that is one of a few, as `host|none`. */
export function wordsOf(value: string): string {
  return value.replaceAll("|", " ");
}

/** What a command takes behind its options. */
export function operandOf({ name, usage }: CommandRow): Kind {
  if (usage.includes("INSTANCE [COMMAND")) return "instance, command";
  if (usage.includes("INSTANCE|FILE")) return "instance or file";
  if (usage.includes(" run|build ")) return "launch";
  if (usage.includes(" COMMAND")) return "command inside";
  if (name === "help") return "topic";
  if (/INSTANCE(?!\|)/.test(usage)) return "instance";
  if (/ DIR( |$)/.test(usage.replaceAll(/\[[^\]]*\]/g, ""))) return "directory";
  return usage.includes("FILE") ? "file" : "nothing";
}

/** The commands whose operand is of that kind. */
export function commandsTaking(kind: Kind): readonly CommandName[] {
  return COMMANDS.filter((row) => operandOf(row) === kind).map(
    ({ name }) => name,
  );
}

/** The options of a command by all their names. */
export function namesFor(command: CommandName): readonly string[] {
  return ROWS.filter(({ commands }) => commands.includes(command)).flatMap(
    namesOf,
  );
}

export function namesOf({
  name,
  short,
  forms = [],
}: Option): readonly string[] {
  const long = [`--${name}`, ...forms.map((form) => `--${name}=${form}`)];
  return short === null ? long : [`-${short}`, ...long];
}

/**
 * The options that take so many values, by all their names, but for short ones
 * that another option has before the command: `-t` of `stop`.
 */
export function taking(values: number): readonly Option[] {
  return ROWS.filter((row) => row.values.length === values).map((row) =>
    isSecond(row) ? { ...row, short: null } : row,
  );
}

/** The options that may have one of a few words behind `=`. */
export const FORMED: readonly Option[] = ROWS.filter(
  ({ forms = [] }) => forms.length > 0,
);

/** The options behind which a word that begins with a digit is their value. */
export const OPTIONAL: readonly Option[] = ROWS.filter(
  ({ optional }) => optional !== undefined,
);

/** The options whose short name means something else before a command. */
export const SECONDS: readonly Option[] = ROWS.filter(isSecond);

function isSecond(row: Option): boolean {
  return (
    row.short !== null && ROWS.find(({ short }) => short === row.short) !== row
  );
}

export function topics(): string {
  return [...COMMANDS.map(({ name }) => name), ...GUIDE_NAMES, ...GENERATED]
    .filter((name) => name !== "help")
    .join(" ");
}

/** In single quotes, for any of the three shells. */
export function quoteShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * What the completions of every shell are made from: the same tables as the
 * help texts. Commands are those inside the given root, instances those that run.
 */

import { COMMANDS } from "./commands.table.ts";
import { GENERATED, GUIDE_NAMES } from "./invocation.ts";
import { OPTIONS, type Option } from "./options.table.ts";

export const ROWS: readonly Option[] = OPTIONS;
/** Prints what `stop` takes. */
export const RUNNING = `selfdock ps 2>/dev/null | while read -r name pid rest; do case $name in NAME) ;; -) echo "$pid" ;; *) echo "$name" ;; esac; done`;

/** What a value is: the kind of thing that completes it. */
export function kindOf(
  value: string,
): "directory" | "file" | "word" | "nothing" {
  if (value === "DIR") return "directory";
  if (["SRC", "DST", "PATH"].includes(value)) return "file";
  return value.includes("|") ? "word" : "nothing";
}

export function namesOf({
  name,
  short,
  forms = [],
}: Option): readonly string[] {
  const long = [`--${name}`, ...forms.map((form) => `--${name}=${form}`)];
  return short === null ? long : [`-${short}`, ...long];
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

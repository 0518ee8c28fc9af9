/** `selfdock help zsh`. */

import { COMMANDS } from "./commands.table.ts";
import {
  kindOf,
  namesOf,
  quoteShell,
  ROWS,
  RUNNING,
  topics,
} from "./completion.ts";
import type { Option } from "./options.table.ts";

/** What zsh completes a value with. */
function renderAction(value: string): string {
  switch (kindOf(value)) {
    case "directory":
      return "_directories";
    case "file":
      return "_files";
    case "word":
      return `(${value.replaceAll("|", " ")})`;
    case "nothing":
      return " ";
  }
}

/** Without what has a meaning in a specification of `_arguments`. */
function plain(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, " ");
}

/** The specifications of an option, one for each of its names. */
function renderSpecifications(row: Option): readonly string[] {
  return namesOf(row).map((name) =>
    quoteShell(
      `${row.repeatable ? "*" : ""}${name}[${plain(row.help)}]${row.values.map((value) => `:${plain(value)}:${renderAction(value)}`).join("")}`,
    ),
  );
}

export function renderZsh(): string {
  const lists = COMMANDS.map(
    ({ name }) =>
      `    ${name}) options=(${ROWS.filter(({ commands }) =>
        commands.includes(name),
      )
        .flatMap(renderSpecifications)
        .join(" ")}) ;;`,
  );
  const before = ROWS.filter(({ name }) => name !== "timeout").flatMap(
    renderSpecifications,
  );
  return `#compdef selfdock
# zsh completion for selfdock; made by "selfdock help zsh"
_selfdock() {
  local -a options commands
  local state line context
  local -A opt_args
  commands=(${COMMANDS.map(({ name, summary }) => quoteShell(`${name}:${plain(summary)}`)).join(" ")})
  options=(${before.join(" ")})
  _arguments -S : $options '1: :->command' '*:: :->operands' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $words[1] in
${lists.join("\n")}
  esac
  case $words[1] in
    run|build) _arguments -S : $options '*::command:_normal' ;;
    stop) _arguments -S : $options "*:instance:($(${RUNNING}))" ;;
    help) _arguments -S : $options '1:topic:(${topics()})' ;;
    *) _arguments -S : $options ;;
  esac
}
_selfdock "$@"
`;
}

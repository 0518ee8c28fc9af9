/** `selfdock help zsh`. */

import { COMMANDS } from "./commands.table.ts";
import {
  BINARIES,
  kindOf,
  namesOf,
  operandOf,
  OPTIONAL,
  quoteShell,
  ROWS,
  SECONDS,
  taking,
  topics,
  wordsOf,
  type Kind,
} from "./completion.ts";
import type { Option } from "./options.table.ts";

/** What zsh does for things of a kind; words of a value are its own. */
const ACTIONS: Readonly<Record<Exclude<Kind, "word">, string>> = {
  directory: "_directories",
  file: "_files",
  "directory inside": "_selfdock_inside -/",
  "file inside": "_selfdock_inside",
  "command inside": "_selfdock_commands",
  launch: "(run build)",
  instance: "_selfdock_instances",
  "instance or file": "{_selfdock_instances; _files}",
  "instance, command": "_selfdock_instances",
  topic: `(${topics()})`,
  nothing: " ",
};

function renderAction(row: Option, value: string): string {
  const kind = kindOf(row, value);
  return kind === "word" ? `(${wordsOf(value)})` : ACTIONS[kind];
}

/** Without what has a meaning in a specification of `_arguments`. */
function plain(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, " ");
}

/** The specifications of an option, one for each of its names. */
function renderSpecifications(row: Option): readonly string[] {
  const { forms = [] } = row;
  if (forms.length > 0)
    return [
      quoteShell(
        `--${row.name}=-[${plain(row.help.split(". ")[0]!)}]::form:(${forms.join(" ")})`,
      ),
    ];
  return namesOf(row).map((name) => {
    const joined = row.values.length === 1 && name.startsWith("--") ? "=" : "";
    const values = row.values
      .map((value) => `:${plain(value)}:${renderAction(row, value)}`)
      .join("");
    const [help] = row.help.split(/\. |\.$/);
    return quoteShell(
      `${row.repeatable ? "*" : ""}${name}${joined}[${plain(help ?? "")}]${values}`,
    );
  });
}

/** What stands behind the options of a command. */
function renderOperand(kind: Kind): string {
  if (kind === "nothing" || kind === "word") return "";
  if (kind === "command inside")
    return "'1:command:_selfdock_commands' '*::argument:_normal'";
  if (kind === "launch")
    return "'1:command:(run build)' '2:command:_selfdock_commands' '*:::argument:_normal'";
  if (kind === "instance, command")
    return "'1:instance:_selfdock_instances' '*:::command:_normal'";
  return kind === "instance"
    ? "'*:instance:_selfdock_instances'"
    : quoteShell(`1:${kind}:${ACTIONS[kind]}`);
}

function renderCommands(): string {
  return COMMANDS.map((row) => {
    const options = ROWS.filter(({ commands }) => commands.includes(row.name));
    const operand = renderOperand(operandOf(row));
    return `    ${row.name}) _arguments -S ${operandOf(row) === "launch" ? "" : "-A '-*' "}: ${options.flatMap(renderSpecifications).join(" ")} ${operand} ;;`;
  }).join("\n");
}

/** Functions that look for things. */
const HELPERS = `#compdef selfdock
# zsh completion for selfdock; made by "selfdock help zsh"

# Files inside the root.
_selfdock_inside() {
  compset -P /
  _files "$@" -W "\${_selfdock_root%/}/"
}

# What can be executed in the root, or files for a path.
_selfdock_commands() {
  local -a names
  if [[ $PREFIX == */* ]]; then
    _selfdock_inside
    return
  fi
  names=(\${_selfdock_root%/}/{${BINARIES.join(",")}}/*(N-*,@:t))
  names=(\${(u)names:#*[[:cntrl:]]*})
  compadd -a names
}

# Names and pids of running instances.
_selfdock_instances() {
  local -a found
  local name pid rest
  "$_selfdock_program" ps 2>/dev/null | while read -r name pid rest; do
    [[ $name == - ]] && name=$pid
    [[ $name == NAME && $pid == PID ]] || found+=("$name")
  done
  compadd -a found
}
`;

/** What `_arguments` has no specification for, made into words that it has one for. */
function renderWords(): string {
  const two = taking(2).map(({ name }) => name);
  return `  # Behind an option that may have a SIZE, the SIZE is left out.
  for ((at = 2; at + 1 < CURRENT; at++)); do
    if [[ $words[at] == (${OPTIONAL.flatMap(namesOf).join("|")}) && $words[at+1] == [0-9]* ]]; then
      words[at+1]=()
      ((CURRENT--))
    fi
  done
  # --option=A:B is three words.
  if [[ $PREFIX == --(${two.join("|")})=* ]]; then
    words[CURRENT]=("\${words[CURRENT]%%=*}" "\${words[CURRENT]#*=}")
    ((CURRENT++))
    compset -P 1 '*='
    if [[ $PREFIX == *:* ]]; then
      words[CURRENT]=("\${words[CURRENT]%%:*}" "\${words[CURRENT]#*:}")
      ((CURRENT++))
      compset -P 1 '*:'
    fi
  fi`;
}

export function renderZsh(): string {
  const before = ROWS.map((row) =>
    SECONDS.includes(row) ? { ...row, short: null } : row,
  ).flatMap(renderSpecifications);
  return `${HELPERS}
_selfdock() {
  local -a commands
  local curcontext=$curcontext state line _selfdock_root=/ _selfdock_program=\${(Q)words[1]}
  local -A opt_args
  local -i at
  for ((at = 2; at < CURRENT; at++)); do
    case $words[at] in
      -r|--rootfs) ((at + 1 < CURRENT)) && _selfdock_root=\${(Q)words[at + 1]} ;;
      --rootfs=*) _selfdock_root=\${(Q)words[at]#*=} ;;
    esac
  done
${renderWords()}
  [[ $_selfdock_root == \\~* ]] && _selfdock_root=$HOME\${_selfdock_root#\\~}
  [[ $_selfdock_program == \\~* ]] && _selfdock_program=$HOME\${_selfdock_program#\\~}
  commands=(${COMMANDS.map(({ name, summary }) => quoteShell(`${name}:${plain(summary)}`)).join(" ")})
  _arguments -S -A '-*' : ${before.join(" ")} '1: :->command' '*:: :->operands' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $words[1] in
${renderCommands()}
  esac
}
_selfdock "$@"
`;
}

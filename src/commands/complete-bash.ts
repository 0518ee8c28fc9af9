/** `selfdock help bash`. */

import { COMMANDS } from "./commands.table.ts";
import {
  BINARIES,
  commandsTaking,
  FORMED,
  OPTIONAL,
  kindOf,
  namesFor,
  namesOf,
  SECONDS,
  taking,
  topics,
  wordsOf,
  type Kind,
} from "./completion.ts";
import type { Option } from "./options.table.ts";

const NAMES = COMMANDS.map(({ name }) => name).join(" ");

/** What fills COMPREPLY with things of a kind that begin with `$cur`. */
const FILL: Readonly<Record<Exclude<Kind, "word" | "nothing">, string>> = {
  directory: `mapfile -t COMPREPLY < <(compgen -d -- "$cur")`,
  file: `mapfile -t COMPREPLY < <(compgen -f -- "$cur")`,
  "directory inside": `_selfdock_inside -d "$root" "$cur"`,
  "file inside": `_selfdock_inside -f "$root" "$cur"`,
  "command inside": `_selfdock_commands "$root" "$cur"`,
  launch: `mapfile -t COMPREPLY < <(compgen -W 'run build' -- "$cur")`,
  instance: `_selfdock_instances "$1" "$cur"`,
  "instance or file": `_selfdock_instances "$1" "$cur"; mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")`,
  "instance, command": `if [[ $instance ]]; then _selfdock_commands / "$cur"; else _selfdock_instances "$1" "$cur"; fi`,
  topic: `mapfile -t COMPREPLY < <(compgen -W '${topics()}' -- "$cur")`,
};

/** The names of options, as a pattern of `case`. */
function pattern(options: readonly Option[]): string {
  return options.flatMap(namesOf).join("|");
}

/** How the value of an option is completed; `$takes` is how many are still to come. */
function renderValues(): string {
  const formed = FORMED.map(
    ({ name, forms = [] }) =>
      `      --${name}:1) mapfile -t COMPREPLY < <(compgen -W '${forms.join(" ")}' -- "$cur") ;;`,
  );
  const values = [1, 2]
    .flatMap((count) =>
      taking(count).flatMap((row) =>
        row.values.map((value, at) => {
          const kind = kindOf(row, value);
          const left = count - at;
          const names = namesOf(row).map((name) => `${name}:${left}`);
          if (kind === "nothing") return [];
          const fill =
            kind === "word"
              ? `mapfile -t COMPREPLY < <(compgen -W '${wordsOf(value)}' -- "$cur")`
              : FILL[kind];
          return `      ${names.join("|")}) ${fill} ;;`;
        }),
      ),
    )
    .flat();
  return [...formed, ...values].join("\n");
}

/** How the operand of each command is completed. */
function renderOperands(): string {
  return (Object.entries(FILL) as [Kind, string][])
    .map(([kind, fill]) => [commandsTaking(kind), fill] as const)
    .filter(([names]) => names.length > 0)
    .map(([names, fill]) => `      ${names.join("|")}) ${fill} ;;`)
    .join("\n");
}

function renderSeconds(): string {
  return SECONDS.flatMap(({ short, commands }) =>
    commands.map(
      (name) =>
        `      ${name}:-${short}) option=-${short} takes=1; continue ;;`,
    ),
  ).join("\n");
}

/** Functions that look for things. */
const HELPERS = `# bash completion for selfdock; made by "selfdock help bash"
# Names of files are never given to what expands them: compgen -W, eval.

# KIND ROOT WORD: files (-f) or directories (-d) inside the root.
_selfdock_inside() {
  local root=\${2%/} path
  while IFS= read -r path; do
    COMPREPLY+=("\${path#"$root"}")
  done < <(compgen "$1" -- "$root/\${3#/}")
}

# ROOT WORD: what can be executed in the root, or files for a path.
_selfdock_commands() {
  local directory file
  [[ $2 == */* ]] && { _selfdock_inside -f "$1" "$2"; return; }
  for directory in ${BINARIES.join(" ")}; do
    for file in "\${1%/}/$directory/$2"*; do
      [[ -L $file || ( -x $file && ! -d $file ) ]] || continue
      file=\${file##*/}
      [[ $file == *[[:cntrl:]]* ]] || COMPREPLY+=("$file")
    done
  done
}

# PROGRAM WORD: names and pids of running instances.
_selfdock_instances() {
  local name pid rest
  while read -r name pid rest; do
    [[ $name == - ]] && name=$pid
    [[ $name == NAME && $pid == PID || $name != "$2"* ]] || COMPREPLY+=("$name")
  done < <("\${1/#\\~/$HOME}" ps 2>/dev/null)
}
`;

/** Reads the words before the cursor. */
function renderWalk(): string {
  return `_selfdock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= root=/ option= ended= glue= word instance=
  local -i takes=0 at=0 last
  local -a words=() starts=()
  COMPREPLY=()
  # readline has split --option=A:B; here it is one word again.
  for ((at = 1; at <= COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if ((\${#words[@]})) && [[ $glue || ( \${words[-1]} == --* && $word == [=:]* ) ]]; then
      words[-1]+=$word glue=
      [[ $word == [=:] ]] && glue=1
    else
      words+=("$word") starts+=("$at")
    fi
  done
  [[ $cur == [=:] ]] && cur=
  last=$((\${#words[@]} - 1))
  for ((at = 0; at < last; at++)); do
    word=\${words[at]}
    if ((takes)); then
      takes+=-1
      case $option in -r|--rootfs) root=$word ;; esac
      continue
    fi
    case $command:$word in
${renderSeconds()}
    esac
    case $ended$word in
      --rootfs=*) root=\${word#*=} ;;
      ${pattern(taking(2))}) option=$word takes=2 ;;
      ${pattern(taking(1))}) option=$word takes=1 ;;
      ${pattern(OPTIONAL)}) [[ \${words[at + 1]} == [0-9]* ]] && takes=1 ;;
      --) ended=/ ;;
      -?*) ;;
      *) case $command in ${commandsTaking("command inside").join("|")}) break ;;
          ${commandsTaking("launch").join("|")}) command= ;;
          ${commandsTaking("instance, command").join("|")}) [[ $instance ]] && break; instance=$word ;;
        esac
        command=\${command:-$word} ;;
    esac
  done`;
}

/** Completes the word at the cursor. */
function renderAnswer(): string {
  const two = taking(2).map(({ name }) => `--${name}`);
  return `  root=\${root/#\\~/$HOME}
  word=\${words[last]}
  if ((at < last)); then
    if declare -F _command_offset >/dev/null; then _command_offset "\${starts[at]}"
    else ${FILL["file inside"]}; fi
    return
  fi
  if [[ ! $ended && $takes -eq 0 && $word == --*=* ]]; then
    option=\${word%%=*} takes=1
    case $option in
      ${two.join("|")}) [[ $word == *:* ]] || takes=2 ;;
    esac
  fi
  if ((takes)); then
    case $option:$takes in
${renderValues()}
    esac
  elif [[ ! $ended && $cur == -* ]]; then
    word='${[...new Set(COMMANDS.flatMap(({ name }) => namesFor(name)))].join(" ")}'
    case $command in
${COMMANDS.map(({ name }) => `      ${name}) word='${namesFor(name).join(" ")}' ;;`).join("\n")}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
  elif [[ ! $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W '${NAMES}' -- "$cur")
  else
    case $command in
${renderOperands()}
    esac
  fi
}
complete -o filenames -F _selfdock selfdock`;
}

export function renderBash(): string {
  return `${HELPERS}
${renderWalk()}
${renderAnswer()}
`;
}

/** `selfdock help bash`. */

import { COMMANDS } from "./commands.table.ts";
import { kindOf, namesOf, ROWS, RUNNING, topics } from "./completion.ts";
import type { Option } from "./options.table.ts";

/** The names of the options that take so many values, as a pattern of `case`. */
function pattern(options: readonly Option[]): string {
  return options.flatMap(namesOf).join("|");
}

/** Those that take so many values; -t takes two before a command, and one after stop. */
function taking(values: number): readonly Option[] {
  return ROWS.filter((row) => row.values.length === values).map((row) =>
    row.name === "timeout" ? { ...row, short: null } : row,
  );
}

/** How the value of the option before the cursor is completed. */
function renderValues(): string {
  const valueRows = ROWS.flatMap((row) =>
    row.values
      .filter((value) => kindOf(value) === "word")
      .map(
        (value) =>
          `      ${pattern([row])}) COMPREPLY=($(compgen -W '${value.replaceAll("|", " ")}' -- "$cur")) ;;`,
      ),
  );
  const directories = ROWS.filter(({ values }) => values[0] === "DIR");
  return `${valueRows.join("\n")}
      ${pattern(directories)}) COMPREPLY=($(compgen -d -- "$cur")) ;;
      *) COMPREPLY=($(compgen -f -- "$cur")) ;;`;
}

/** Which options a command takes. */
function renderOptions(): string {
  return COMMANDS.map(
    ({ name }) =>
      `      ${name}) options='${ROWS.filter(({ commands }) =>
        commands.includes(name),
      )
        .flatMap(namesOf)
        .join(" ")}' ;;`,
  ).join("\n");
}

export function renderBash(): string {
  return `# bash completion for selfdock; made by "selfdock help bash"
_selfdock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at=1 command= root=/ option= options word
  COMPREPLY=()
  while ((at < COMP_CWORD)); do
    word=\${COMP_WORDS[at]} option=
    case $command:$word in
      stop:-t) option=$word; ((at += 2)); continue ;;
    esac
    case $word in
      -r|--rootfs) root=\${COMP_WORDS[at + 1]}; option=$word; ((at += 2)) ;;
      ${pattern(taking(2))}) option=$word; ((at += 3)) ;;
      ${pattern(taking(1).filter(({ name }) => name !== "rootfs"))}) option=$word; ((at += 2)) ;;
      --) ((at += 1)); [[ $command ]] && break ;;
      -?*) ((at += 1)) ;;
      *) [[ $command == run || $command == build ]] && break
        [[ $command ]] || command=$word
        ((at += 1)) ;;
    esac
  done
  if [[ $option ]] && ((at > COMP_CWORD)); then
    case $option in
${renderValues()}
    esac
  elif [[ $cur == -* ]] && ((at == COMP_CWORD)); then
    options='${ROWS.flatMap(namesOf).join(" ")}'
    case $command in
${renderOptions()}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -z $command ]]; then
    COMPREPLY=($(compgen -W '${COMMANDS.map(({ name }) => name).join(" ")}' -- "$cur"))
  else
    case $command in
      run|build)
        if ((at < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
          _command_offset "$at"
        elif ((at < COMP_CWORD)) || [[ $cur == */* ]]; then
          COMPREPLY=($(compgen -f -- "$cur"))
        else
          COMPREPLY=($(compgen -W "$(cd "$root" 2>/dev/null && ls -- bin sbin usr/bin usr/sbin usr/local/bin 2>/dev/null)" -- "$cur"))
        fi ;;
      stop) COMPREPLY=($(compgen -W "$(${RUNNING})" -- "$cur")) ;;
      help) COMPREPLY=($(compgen -W '${topics()}' -- "$cur")) ;;
    esac
  fi
}
complete -o filenames -F _selfdock selfdock
`;
}

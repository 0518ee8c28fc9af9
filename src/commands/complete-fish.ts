/** `selfdock help fish`. */

import { COMMANDS } from "./commands.table.ts";
import {
  BINARIES,
  commandsTaking,
  FORMED,
  OPTIONAL,
  kindOf,
  namesOf,
  quoteShell,
  ROWS,
  SECONDS,
  taking,
  topics,
  wordsOf,
  type Kind,
} from "./completion.ts";
import type { Option } from "./options.table.ts";

/** What prints things of a kind that begin with `$cur`. */
const LIST: Readonly<Record<Exclude<Kind, "word" | "nothing">, string>> = {
  directory: "__fish_complete_directories $cur ''",
  file: "__fish_complete_path $cur",
  "directory inside": "__selfdock_inside $root $cur | string match '*/'",
  "file inside": "__selfdock_inside $root $cur",
  "command inside": "__selfdock_commands $root $cur",
  launch: "string split ' ' 'run build'",
  instance: "__selfdock_instances $program",
  "instance or file":
    "__selfdock_instances $program; __fish_complete_path $cur",
  "instance, command":
    'if test -n "$instance"; __selfdock_commands / $cur; else; __selfdock_instances $program; end',
  topic: `string split ' ' ${quoteShell(topics())}`,
};

/** The names of options, as words of a \`case\`. */
function words(options: readonly Option[]): string {
  return options.flatMap(namesOf).join(" ");
}

function renderSeconds(): string {
  return SECONDS.flatMap(({ short, commands }) =>
    commands.map(
      (name) =>
        `        if test "$command $word" = '${name} -${short}'; set option $word; set takes 1; continue; end`,
    ),
  ).join("\n");
}

/** How the value of an option is completed; `$takes` is how many are still to come. */
function renderValues(): string {
  const formed = FORMED.map(
    ({ name, forms = [] }) =>
      `        case '--${name} 1'; string split ' ' '${forms.join(" ")}'`,
  );
  const values = [1, 2]
    .flatMap((count) =>
      taking(count).flatMap((row) =>
        row.values.map((value, at) => {
          const kind = kindOf(row, value);
          if (kind === "nothing") return "";
          const names = namesOf(row).map((name) => `'${name} ${count - at}'`);
          const list =
            kind === "word"
              ? `string split ' ' '${wordsOf(value)}'`
              : LIST[kind];
          return `        case ${names.join(" ")}; ${list}`;
        }),
      ),
    )
    .filter((line) => line !== "");
  return [...formed, ...values].join("\n");
}

function renderOperands(): string {
  return (Object.entries(LIST) as [Kind, string][])
    .map(([kind, list]) => [commandsTaking(kind), list] as const)
    .filter(([names]) => names.length > 0)
    .map(([names, list]) => `        case ${names.join(" ")}; ${list}`)
    .join("\n");
}

/** A line for each option: the commands that take it ('' before a command), its names, what it says. */
function renderOptions(): string {
  return ROWS.flatMap((row) => {
    const { short, commands, help } = row;
    const [text] = help.split(/\. |\.$/);
    const line = (names: readonly string[], where: readonly string[]) =>
      `    contains -- "$argv[1]" ${where.join(" ")}; and printf '%s\\t%s\\n' ${names
        .map((name) => `${name} ${quoteShell(text ?? "")}`)
        .join(" ")}`;
    return SECONDS.includes(row)
      ? [
          line([`-${short}`], commands),
          line(namesOf({ ...row, short: null }), ["''", ...commands]),
        ]
      : [line(namesOf(row), ["''", ...commands])];
  }).join("\n");
}

/** Functions that look for things. */
const HELPERS = `function __selfdock_inside # ROOT WORD: files inside the root
    set -l root (string trim --right --chars=/ -- $argv[1])
    for path in $root/(string trim --left --chars=/ -- $argv[2])*
        set -l shown (string sub --start (math (string length -- $root) + 1) -- $path)
        test -d $path; and echo $shown/; or echo $shown
    end
end

function __selfdock_commands # ROOT WORD: what can be executed in the root
    if string match -q '*/*' -- $argv[2]
        __selfdock_inside $argv
        return
    end
    for directory in ${BINARIES.join(" ")}
        for file in (string trim --right --chars=/ -- $argv[1])/$directory/$argv[2]*
            test -L $file; or test -x $file -a ! -d $file; and string split --right --max 1 --fields 2 / -- $file
        end
    end | string match --regex '^[^[:cntrl:]]+$'
end

function __selfdock_instances # PROGRAM: names and pids of running instances
    $argv[1] ps 2>/dev/null | while read -l name pid rest
        test "$name $pid" = 'NAME PID'; and continue
        test $name = -; and echo $pid; or echo $name
    end
end
`;

/** Options that may have a SIZE behind them. */
function renderOptional(): string {
  return `                case ${words(OPTIONAL)}
                    set option $word
                    string match -q --regex '^[0-9]' -- "$words[$(math $at + 1)]"; and set takes 1
                    continue`;
}

/** Reads the words before the cursor. */
function renderWalk(): string {
  return `function __selfdock_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l program (string replace --regex '^~' $HOME -- $words[1])
    set -l command ''
    set -l option ''
    set -l instance ''
    set -l takes 0
    set -l root /
    set -l ended 0
    set -l at 1
    for word in $words[2..]
        set at (math $at + 1)
        if test $takes -gt 0
            set takes (math $takes - 1)
            contains -- $option -r --rootfs; and set root $word
            continue
        end
        if test $ended = 0
${renderSeconds()}
            switch $word
                case '--rootfs=*'
                    set root (string replace -- --rootfs= '' $word)
                    continue
                case ${words(taking(2))}
                    set option $word
                    set takes 2
                    continue
                case ${words(taking(1))}
                    set option $word
                    set takes 1
                    continue
${renderOptional()}
                case --
                    set ended 1
                    continue
                case -
                case '-*'
                    continue
            end
        end
        if contains -- $command ${commandsTaking("command inside").join(" ")}
            complete -C (string join ' ' -- (string escape -- $words[$at..]) $cur)
            return
        end
        if contains -- "$command" ${commandsTaking("instance, command").join(" ")}
            if test -n "$instance"
                complete -C (string join ' ' -- (string escape -- $words[$at..]) $cur)
                return
            end
            set instance $word
        end
        if test -z "$command"; or contains -- $command ${commandsTaking("launch").join(" ")}
            set command $word
        end
    end`;
}

/** Completes the word at the cursor. */
function renderAnswer(): string {
  const two = taking(2).map(({ name }) => `--${name}`);
  const commands = COMMANDS.map(
    ({ name, summary }) => `${name} ${quoteShell(summary)}`,
  );
  return `    set root (string replace --regex '^~' $HOME -- $root)
    set -l prefix ''
    if test $ended = 0 -a $takes = 0; and string match -q -- '--*=*' $cur
        set option (string split --max 1 --fields 1 = -- $cur)
        set cur (string split --max 1 --fields 2 = -- $cur)
        set prefix $option=
        set takes 1
        if contains -- $option ${two.join(" ")}; and not string match -q '*:*' -- $cur
            set takes 2
        else if contains -- $option ${two.join(" ")}
            set prefix $prefix(string split --max 1 --fields 1 : -- $cur):
            set cur (string split --max 1 --fields 2 : -- $cur)
        end
    end
    if test $takes -gt 0
        switch "$option $takes"
${renderValues()}
        end | string replace --regex '^' -- $prefix
    else if test $ended = 0; and string match -q -- '-*' $cur
        __selfdock_options $command
    else if test -z $command
        printf '%s\\t%s\\n' ${commands.join(" ")}
    else
        switch $command
${renderOperands()}
        end
    end
end

complete -c selfdock -f -a '(__selfdock_complete)'`;
}

export function renderFish(): string {
  return `# fish completion for selfdock; made by "selfdock help fish"

function __selfdock_options # COMMAND or nothing
${renderOptions()}
end

${HELPERS}
${renderWalk()}
${renderAnswer()}
`;
}

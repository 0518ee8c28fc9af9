/** `selfdock help fish`. */

import { COMMANDS } from "./commands.table.ts";
import { kindOf, quoteShell, ROWS, topics } from "./completion.ts";

export function renderFish(): string {
  const seen = `__fish_seen_subcommand_from`;
  const others = COMMANDS.map(({ name }) => name)
    .filter((name) => name !== "run" && name !== "build" && name !== "help")
    .join(" ");
  const options = ROWS.map(({ name, short, values, commands, help }) => {
    const words = [
      `complete -c selfdock -l ${name}`,
      ...(short === null ? [] : [`-s ${short}`]),
      ...(values.length === 0 ? [] : ["-r"]),
      ...(values.some((value) => kindOf(value) === "word")
        ? [`-f -a ${quoteShell(values[0]!.replaceAll("|", " "))}`]
        : []),
      ...(commands.length === COMMANDS.length
        ? []
        : [
            `-n ${quoteShell(commands.includes("run") ? `not ${seen} ${others}` : `${seen} ${commands.join(" ")}`)}`,
          ]),
      `-d ${quoteShell(help.split(". ")[0]!)}`,
    ];
    return words.join(" ");
  });
  const names = COMMANDS.map(({ name }) => name).join(" ");
  const commands = COMMANDS.map(
    ({ name, summary }) =>
      `complete -c selfdock -f -n ${quoteShell(`not ${seen} ${names}`)} -a ${name} -d ${quoteShell(summary)}`,
  );
  return `# fish completion for selfdock; made by "selfdock help fish"
${commands.join("\n")}
${options.join("\n")}
complete -c selfdock -n '${seen} run build' -a '(__fish_complete_subcommand)'
complete -c selfdock -f -n '${seen} stop' -a '(selfdock ps | string match -rv "^(NAME|-) " | string replace -r " .*" "")'
complete -c selfdock -f -n '${seen} help' -a '${topics()}'
`;
}

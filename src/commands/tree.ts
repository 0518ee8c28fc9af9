/**
 * The command line as a tree of citty definitions, made from the tables: what
 * help is rendered from, and what completions read. citty's own parser is not
 * used: it looks into COMMAND's words and keeps one of several like options.
 */

import { defineCommand, type ArgsDef, type CommandDef } from "citty";
import { version } from "../../package.json";
import {
  COMMANDS,
  type CommandName,
  type CommandRow,
} from "./commands.table.ts";
import { OPTIONS, type Option } from "./options.table.ts";

function defineOptions(options: readonly Option[]): ArgsDef {
  return Object.fromEntries(
    options.map(({ name, short, values, help, forms, optional }) => [
      name,
      {
        type: values.length === 0 ? ("boolean" as const) : ("string" as const),
        description: help,
        ...(short === null ? {} : { alias: short }),
        ...(values.length === 0 ? {} : { valueHint: ` ${values.join(" ")}` }),
        ...(optional === undefined ? {} : { valueHint: ` [${optional}]` }),
        ...(forms === undefined ? {} : { valueHint: `[=${forms.join("|")}]` }),
      },
    ]),
  );
}

function defineRow(row: CommandRow): CommandDef {
  const options = OPTIONS.filter((option: Option) =>
    option.commands.includes(row.name),
  );
  return defineCommand({
    meta: { name: row.name, description: row.help || row.summary },
    args: defineOptions(options.map(withOwnShort)),
  });
}

/** A short name is that of the first option that has it. */
function withOwnShort(
  row: Option,
  _at: number,
  options: readonly Option[],
): Option {
  const first = options.find(({ short }) => short === row.short);
  return first === row ? row : { ...row, short: null };
}

/** The commands by name, each with its options. */
export const SUBCOMMANDS = Object.fromEntries(
  COMMANDS.map((row) => [row.name, defineRow(row)]),
) as Readonly<Record<CommandName, CommandDef>>;

/** `selfdock` itself. */
export const ROOT: CommandDef = defineCommand({
  meta: {
    name: "selfdock",
    version,
    description: "Process and filesystem isolation for one-off commands",
  },
  args: defineOptions(OPTIONS),
  subCommands: SUBCOMMANDS,
});

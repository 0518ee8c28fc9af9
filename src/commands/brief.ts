/**
 * The options and commands as every start needs them: without help and examples,
 * from a text that is parsed in a fraction of the time that the tables take to be
 * built.
 */

import type { CommandName } from "./commands.table.ts";
import type { BriefOption, OptionName } from "./options.table.ts";
import { writeBrief } from "./write-brief.ts" with { type: "macro" };

interface Brief {
  readonly options: readonly BriefOption[];
  /** The words after `selfdock`, by the command's name. */
  readonly usages: Readonly<Record<CommandName, string>>;
}

export const { options: BRIEF, usages: USAGES } = JSON.parse(
  writeBrief(),
) as Brief;

export function optionNamed(name: OptionName): BriefOption {
  for (const option of BRIEF) if (option.name === name) return option;
  throw new RangeError(`no option is called ${name}`);
}

/** The names of all commands. */
export function commandNames(): readonly CommandName[] {
  return Object.keys(USAGES) as CommandName[];
}

export function usageOf(command: CommandName): string {
  return `usage: selfdock ${USAGES[command]}`;
}

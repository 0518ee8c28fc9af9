/** Options that mean nothing to a command: better an error than silence. */

import { BRIEF } from "./brief.ts";
import type { CommandName } from "./commands.table.ts";
import type { BriefOption } from "./options.table.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

/** `--map` says nothing to `install`. */
export function refuseForeign(
  command: CommandName,
  settings: readonly Setting[],
): void {
  const taken = BRIEF.filter((option: BriefOption) =>
    option.commands.includes(command),
  );
  const names = new Set<string>(taken.map(({ name }) => name));
  const foreign = settings.find(({ option }) => !names.has(option));
  if (foreign === undefined) return;
  const { without } = BRIEF.find(
    ({ name }) => name === foreign.option,
  ) as BriefOption;
  const reason =
    command === "build" || command === "bake" ? without?.[command] : undefined;
  if (reason !== undefined)
    throw usageError(
      `Cannot use --${foreign.option} with ${command}: ${reason}`,
      "run --scratch may write to the whole root, too",
    );
  throw usageError(
    `Cannot use --${foreign.option} with ${command}: it is not an option of that command`,
    `selfdock ${command === "help" ? "" : `${command} `}--help lists its options`,
  );
}

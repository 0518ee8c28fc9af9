/** Options that mean nothing to a command: better an error than silence. */

import type { SelfdockError } from "../plan/error.ts";
import { optionNamed } from "./brief.ts";
import type { CommandName } from "./commands.table.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

/** `--map` says nothing to `install`. */
export function refuseForeign(
  command: CommandName,
  settings: readonly Setting[],
): void {
  for (const { option } of settings)
    if (!optionNamed(option).commands.includes(command))
      throw foreignOption(command, option);
}

function foreignOption(
  command: CommandName,
  name: Setting["option"],
): SelfdockError {
  const { without } = optionNamed(name);
  const reason =
    command === "build" || command === "bake" ? without?.[command] : undefined;
  if (reason !== undefined)
    return usageError(
      `Cannot use --${name} with ${command}: ${reason}`,
      "run --scratch may write to the whole root, too",
    );
  return usageError(
    `Cannot use --${name} with ${command}: it is not an option of that command`,
    `selfdock ${command === "help" ? "" : `${command} `}--help lists its options`,
  );
}

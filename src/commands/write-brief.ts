/** What the parser needs of the options and commands, as text: evaluated when the artifact is bundled, as a macro. */

import { COMMANDS } from "./commands.table.ts";
import { OPTIONS, type BriefOption, type Option } from "./options.table.ts";

export function writeBrief(): string {
  const options: readonly BriefOption[] = OPTIONS.map(
    ({ help: _help, examples: _examples, group: _group, ...rest }: Option) =>
      rest,
  );
  const usages = COMMANDS.map(({ name, usage }) => [name, usage] as const);
  return JSON.stringify({ options, usages: Object.fromEntries(usages) });
}

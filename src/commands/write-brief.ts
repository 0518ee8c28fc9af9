/** What the parser needs of the options, as text: evaluated when the artifact is bundled, as a macro. */

import { OPTIONS, type BriefOption, type Option } from "./options.table.ts";

export function writeBrief(): string {
  const brief: readonly BriefOption[] = OPTIONS.map(
    ({ help: _help, examples: _examples, group: _group, ...rest }: Option) =>
      rest,
  );
  return JSON.stringify(brief);
}

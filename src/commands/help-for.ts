/** Help as the caller's terminal takes it. */

import { isatty } from "node:tty";
import type { Bytes } from "../plan/bytes.ts";
import { renderBash } from "./complete-bash.ts";
import { renderFish } from "./complete-fish.ts";
import { renderZsh } from "./complete-zsh.ts";
import { renderHelp } from "./help.ts";
import { GENERATED, type HelpTopic } from "./invocation.ts";
import { renderManual } from "./manual.ts";
import { wantsColour } from "./messages.ts";

const FILES = {
  man: renderManual,
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
} as const satisfies Record<(typeof GENERATED)[number], () => string>;

export function helpFor(
  topic: HelpTopic,
  environment: readonly Bytes[],
): string {
  const file = GENERATED.find((name) => name === topic);
  if (file !== undefined) return FILES[file]();
  return renderHelp(topic, wantsColour(isatty(1), environment));
}

/** Help as the caller's terminal takes it. */

import { isatty } from "node:tty";
import type { Bytes } from "../plan/bytes.ts";
import { renderHelp } from "./help.ts";
import type { HelpTopic } from "./invocation.ts";
import { wantsColour } from "./messages.ts";

export function helpFor(
  topic: HelpTopic,
  environment: readonly Bytes[],
): string {
  return renderHelp(topic, wantsColour(isatty(1), environment));
}

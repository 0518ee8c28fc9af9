/** Which selfdock this is; the bundler puts the text in. */

import { version } from "../../package.json";

/** The day of this version, as NEWS.md has it. */
export const RELEASED = "2026-11-27";

export function renderVersion(): string {
  return `selfdock ${version}\n`;
}

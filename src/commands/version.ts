/** Which selfdock this is; the bundler puts the text in. */

import { version } from "../../package.json";

export function renderVersion(): string {
  return `selfdock ${version}\n`;
}

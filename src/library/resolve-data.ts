/** The option `data`: what a program gives as the content of files inside. */

import type { Option } from "../commands/options.table.ts";
import { requireAbsolute } from "../commands/parse-setting.ts";
import type { Setting } from "../commands/parse-setting.ts";
import { usageError } from "../commands/usage-error.ts";
import type { MountRequest } from "../plan/request.ts";
import { bytesOfText, contentOf } from "./text.ts";

/** It lies in the memory of every spawner's plan. */
const MOST_CONTENT = 32 * 2 ** 20;

/** Of a pair of content and target. */
export function resolveData(
  option: Option,
  [content, target]: readonly unknown[],
): Setting {
  const value = bytesOfText(target, "DST of --data");
  const mount: MountRequest = {
    kind: "content",
    // A copy: what the program changes later is not in it.
    content: contentOf(content, "the content of --data").slice(),
    target: requireAbsolute({ option, called: "DST", value }),
  };
  return { option: "data", mount };
}

/** Throws if it is too much, all together. */
export function checkContents(mounts: readonly MountRequest[]): void {
  const total = mounts.reduce(
    (sum, mount) => sum + (mount.kind === "content" ? mount.content.length : 0),
    0,
  );
  if (total > MOST_CONTENT)
    throw usageError(
      `Cannot use ${total} bytes for --data: it takes 32 MiB at most`,
      "map a file instead",
    );
}

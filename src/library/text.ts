/** Texts of a program as the kernel takes them: rows of bytes without a NUL. */

import { usageError } from "../commands/usage-error.ts";
import { bytesFrom, bytesOf, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";

/** The bytes of a text; `called` says in an error what it was given as. */
export function bytesOfText(text: unknown, called: string): Bytes {
  if (typeof text !== "string" && !(text instanceof Uint8Array))
    throw usageError(
      `Cannot use a value of type ${typeof text} as ${called}: it is neither a text nor bytes`,
      "a text stands for its bytes in UTF-8",
    );
  const bytes = typeof text === "string" ? bytesOf(text) : bytesFrom(text);
  if (bytes.includes("\0"))
    throw usageError(
      `Cannot use ${quote(bytes)} as ${called}: it contains a NUL byte`,
      "the kernel ends a text there",
    );
  return bytes;
}

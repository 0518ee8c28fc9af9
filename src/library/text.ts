/** Texts of a program as bytes; as the kernel takes them, without a NUL. */

import { usageError } from "../commands/usage-error.ts";
import { bytesFrom, bytesOf, quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";

/** The bytes of a text; `called` says in an error what it was given as. */
export function bytesOfText(text: unknown, called: string): Bytes {
  const bytes =
    typeof text === "string"
      ? bytesOf(text)
      : bytesFrom(contentOf(text, called));
  if (bytes.includes("\0"))
    throw usageError(
      `Cannot use ${quote(bytes)} as ${called}: it contains a NUL byte`,
      "the kernel ends a text there",
    );
  return bytes;
}

/** The same where a NUL is a byte like others. */
export function contentOf(content: unknown, called: string): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return Buffer.from(content);
  throw usageError(
    `Cannot use a value of type ${typeof content} as ${called}: it is neither a text nor bytes`,
    "a text stands for its bytes in UTF-8",
  );
}

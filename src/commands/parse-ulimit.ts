/** `--ulimit NAME=SOFT[:HARD]`: the kernel's resources by their names in lower case, as Docker has them. */

import { quote, type Bytes } from "../plan/bytes.ts";
import { findResource, resourceNames, UNLIMITED } from "../plan/limits.ts";
import type { LimitRequest } from "../plan/request.ts";
import { isDecimal } from "./is-decimal.ts";
import { usageError } from "./usage-error.ts";

const HINT =
  "--ulimit NAME=SOFT[:HARD], each a decimal number or unlimited: --ulimit nofile=64:128";

/** The text before the first `mark`, and what is behind it, if it is there. */
function cut(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A limit in the kernel's units; null if it is none. */
function parseLimit(text: string): bigint | null {
  if (text === "unlimited") return UNLIMITED;
  if (!isDecimal(text, 20)) return null;
  const value = BigInt(text);
  return value < UNLIMITED ? value : null;
}

export function parseUlimit(word: Bytes): LimitRequest {
  const [name, texts] = cut(word, "=");
  if (texts === undefined)
    throw usageError(
      `Cannot use ${quote(word)} with --ulimit: it is not NAME=SOFT[:HARD]`,
      HINT,
    );
  const [softText, hardText = softText] = cut(texts, ":");
  const resource = findResource(name);
  if (resource === null)
    throw usageError(
      `Cannot limit ${quote(name as Bytes)}: it is not one of ${resourceNames().join(", ")}`,
      HINT,
    );
  const [soft, hard] = [parseLimit(softText), parseLimit(hardText)];
  if (soft === null || hard === null)
    throw usageError(
      `Cannot limit ${name} to ${quote((soft === null ? softText : hardText) as Bytes)}: it is neither a decimal number nor unlimited`,
      HINT,
    );
  if (soft > hard)
    throw usageError(
      `Cannot limit ${name} to ${quote(softText as Bytes)}: that is above the hard limit ${quote(hardText as Bytes)}`,
      HINT,
    );
  return { resource, soft, hard };
}

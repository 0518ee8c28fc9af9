/** Lines that are there for readers. */

import type { Bytes } from "../bytes.ts";
import type { BatchFormat } from "./batch-request.ts";

/** Blanks and comments, each to its line feed: where commands end by a NUL there may be several. */
const NO_WORDS = /^(?:[ \t]*(?:#[^\n]*)?(?:\n|$))*$/;

/** Whether a line has no command and means none: it is passed over. */
export function saysNothing(line: Bytes, format: BatchFormat): boolean {
  return format === "json" ? line.trim() === "" : NO_WORDS.test(line);
}
